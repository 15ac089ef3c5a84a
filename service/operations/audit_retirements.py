"""Retiring a month of the record of access: its rows go, and a signed stub says how many there were and in which seals.

For the tables' owner alone, since the service's own login can delete nothing.
"""

import datetime
from typing import Any

from service.access import seal_signatures
from service.domain.seal_checks import prove
from service.domain.seals import stub_claims
from service.operations.audit_seals import SWEPT_BACK
from service.refusals import StartUpRefused
from service.store import audit_exports as store
from service.store.audit_seals import instant


def retire_month(connection: Any, month: str, now: datetime.datetime) -> int:
    """Retire a month (2026-01) in the caller's transaction and return how many rows went.

    StartUpRefused where it is not over, is not wholly sealed, or is not there; RecordBroken where it was changed.
    """
    first = datetime.datetime.strptime(month, "%Y-%m").replace(tzinfo=datetime.UTC)
    following = (first + datetime.timedelta(days=32)).replace(day=1)
    if now < following + SWEPT_BACK:
        raise StartUpRefused(f"{month} is not long enough over: rows of it may still come.")
    store.stop_sealing(connection)
    if not store.has_partition(connection, month):
        raise StartUpRefused(f"The record has no month {month}.")
    entries, sealed = store.rows_held(connection, first, following)
    if entries != sealed:
        raise StartUpRefused(f"{entries - sealed} rows of {month} are not sealed yet.")
    # A stub must not stand for rows that were tampered with.
    seals = prove(store.records(connection, SWEPT_BACK), seal_signatures.opened).seals.get(month, [])
    key = store.signing_key(connection)
    if key is None:
        raise StartUpRefused("Nothing was sealed yet, so nothing can be retired.")
    store.retire(connection, month, seal_signatures.sign(stub_claims(month, seals, instant(now)), key))
    return entries
