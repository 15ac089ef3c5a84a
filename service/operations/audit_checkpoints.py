"""A checkpoint of the record of access: one signed line that is kept outside the database."""

import datetime
from typing import Any

from service.access import seal_signatures
from service.domain.seal_checkpoints import checkpoint_claims, checkpoint_line
from service.domain.seal_checks import RecordBroken
from service.refusals import StartUpRefused
from service.store import audit_exports as store
from service.store.audit_seals import instant


def make_checkpoint(connection: Any, now: datetime.datetime) -> str:
    """Return the checkpoint of the record as one snapshot shows it; the record is not proven for it.

    StartUpRefused where nothing is sealed yet, RecordBroken where a retired month's stub is not signed by our key.
    """
    head, key = store.head(connection), store.signing_key(connection)
    if head is None or key is None:
        raise StartUpRefused("Nothing was sealed yet, so there is nothing to hold on to.")
    rows = head["rows"] + sum(_retired(connection))
    claims = checkpoint_claims(head["number"], head["hash"], rows, instant(now))
    return checkpoint_line(claims, key["kid"], seal_signatures.sign(claims, key, seal_signatures.CHECKPOINT))


def _retired(connection: Any) -> list[int]:
    """Return how many rows each retired month had."""
    stubs, keys = store.stubs(connection)
    opened = [(stub["month"], seal_signatures.opened(stub["signature"], keys)) for stub in stubs]
    for month, claims in opened:
        if claims is None:
            raise RecordBroken(f"retired month {month}", "its stub is not signed by the record's key")
    return [int(claims["entries"]) for _, claims in opened if claims is not None]
