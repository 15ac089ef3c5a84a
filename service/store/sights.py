"""Which organisations have sight of which referrals, and which of their workers do; and holding that while it is told.

A referral is in an organisation's sight while it is on the contract, at work, and not kept from the person, and while
the referral is open or not long ended.
"""

import datetime
from typing import Any

from sqlalchemy import TextClause, text

from service.db import Session
from service.store.visibility import CLOSING_TIME, NOT_CLOSED, on_list

Row = dict[str, Any]

_AMONG = """
    JOIN case_record c ON c.crn = r.crn JOIN contract t ON t.id = r.recipient_id
    JOIN contract_member m ON m.contract_id = t.id AND m.ended_at IS NULL
    JOIN organisation o ON o.id = m.organisation_id AND o.active
"""
_EVER_THEIRS = "v.worker_id = {worker} AND v.organisation_id = m.organisation_id"
_NAMED = f"""
    SELECT n.worker_id FROM named_worker n JOIN provider_worker v ON {_EVER_THEIRS.format(worker="n.worker_id")}
    WHERE n.referral_id = r.id AND n.withdrawn_at IS NULL
"""  # noqa: S608
# By the name they are registered under now, wherever that is; one who is suspended by the last they had.
_REGISTERED = f"""
    SELECT DISTINCT ON (k.worker_id) k.worker_id, k.name FROM provider_worker k
    WHERE EXISTS (SELECT FROM provider_worker v WHERE {_EVER_THEIRS.format(worker="k.worker_id")})
    ORDER BY k.worker_id, k.ended_at DESC NULLS FIRST, k.started_at DESC
"""  # noqa: S608
_STAFF_NAME = "COALESCE((SELECT s.name FROM worker s WHERE s.id = w.worker_id), '')"
_KEPT = f"""
    SELECT l.worker_id FROM limited_access l JOIN provider_worker v ON {_EVER_THEIRS.format(worker="l.worker_id")}
    WHERE l.crn = c.crn AND l.kind = 'excluded'
    UNION
    SELECT w.worker_id FROM ({_REGISTERED}) AS w
    WHERE r.own ? 'must_not_receive' AND {on_list("w.worker_id", "w.name", _STAFF_NAME)}
"""  # noqa: S608
_NOT_KEPT = f"""
    r.version > 0 AND (NOT c.restricted OR EXISTS ({_NAMED})) AND NOT {on_list("m.organisation_id", "o.name")}
"""
# Workers who are suspended count: what they missed they find in the feed when they are back.
_AUDIENCE = """
    SELECT r.id AS referral_id, r.crn, m.organisation_id AS organisation, c.restricted,
           ARRAY(SELECT DISTINCT named.worker_id FROM ({named}) AS named) AS named, ARRAY({kept}) AS kept,
           COALESCE(t.needs -> 'conditions', '[]') AS conditions_needed,
           ARRAY(SELECT d.item FROM disclosure d
                 WHERE d.referral_id = r.id AND d.organisation_id = m.organisation_id AND d.decided_at <= :now
                   AND d.expires_at > :now AND d.withdrawn_at IS NULL) AS disclosed {more}
    FROM referral r {among}
    WHERE {whose} AND {in_sight}
    ORDER BY m.organisation_id, r.id
"""
_CONDITIONS = ", (SELECT p.answers -> 'licence_conditions' FROM profile p WHERE p.crn = r.crn) AS licence_conditions"


def _audience(whose: str, more: str = "", in_sight: str = f"{_NOT_KEPT} AND {NOT_CLOSED}") -> TextClause:
    return text(_AUDIENCE.format(whose=whose, more=more, named=_NAMED, kept=_KEPT, among=_AMONG, in_sight=in_sight))


# Of a worker, the referrals that a list of names may keep from them.
_THEIR_LISTED = f"r.own ? 'must_not_receive' AND EXISTS (SELECT FROM provider_worker v WHERE {_EVER_THEIRS})".format(
    worker=":key"
)
_ON_CONTRACT = (
    "EXISTS (SELECT FROM contract_member m WHERE m.contract_id = r.recipient_id AND m.ended_at IS NULL AND {})"
)
# Which referrals a key is about.
REFERRALS = {
    "crn": "r.crn = :key",
    "referral": "r.id = CAST(:key AS uuid)",
    "referrals": "r.id = ANY(CAST(:key AS uuid[]))",
    "contract": "r.recipient_id = :key",
    "organisation": _ON_CONTRACT.format("m.organisation_id = :key"),
    "worker": _ON_CONTRACT.format(_THEIR_LISTED),
    "all": "TRUE",
}
_BY_KEY = {by: _audience(REFERRALS[by]) for by in ("crn", "referral", "referrals")} | {
    "organisation": _audience("m.organisation_id = :key"),
    "contract": _audience(REFERRALS["contract"], _CONDITIONS),
    "worker": _audience(_THEIR_LISTED),
    "closed": _audience(REFERRALS["referrals"], in_sight=_NOT_KEPT),
}
# Who reads an audience must read it as it is when their change is committed. So what is told of one person is told one
# after another, and who changes whom there is to tell waits for those who are telling, and they for it. Taken after
# every other lock but the counters', persons before sight: nobody who changes sight takes a person.
_SIGHT = 7203514830
_HOLD = {
    "crn": text(f"SELECT pg_advisory_xact_lock_shared({_SIGHT}) FROM profile WHERE crn = :key FOR UPDATE"),  # noqa: S608
    "referral": text(
        f"""
        SELECT pg_advisory_xact_lock_shared({_SIGHT}) FROM profile
        WHERE crn = (SELECT r.crn FROM referral r WHERE r.id = CAST(:key AS uuid)) FOR UPDATE
        """  # noqa: S608
    ),
}
_CHANGE = text(f"SELECT pg_advisory_xact_lock({_SIGHT})")
_SHARE = text(f"SELECT pg_advisory_xact_lock_shared({_SIGHT})")


async def hold(session: Session, by: str, key: Any) -> None:
    """Keep others from telling of this, and from changing whom there is to tell, until the transaction ends.

    By `crn` or `referral`: nobody else tells of that person. By anything else, for who changes what many see: nobody
    tells of anything.
    """
    connection = await session.connection()
    await connection.execute(_HOLD.get(by, _CHANGE), {"key": as_key(key)})


async def share(session: Session) -> None:
    """Keep everybody from changing whom there is to tell, for who holds the persons already."""
    connection = await session.connection()
    await connection.execute(_SHARE)


async def audience(session: Session, by: str, key: Any, now: datetime.datetime) -> list[Row]:
    """Return each provider referral of a `crn`, `referral`, `contract` or `organisation`, once for each in sight of it.

    Or those whose must-not-receive list may name a `worker`; or, by a list of ids, `referrals`, and `closed` ones whose
    closing time is over, as if it were not. With whether access is restricted, which of the organisation's workers are
    named for it or kept from it, the conditions its contract needs and the items disclosed; of a contract, with the
    licence conditions of each person too.
    """
    connection = await session.connection()
    parameters = {"key": as_key(key), "now": now, "closed_since": now - CLOSING_TIME}
    return [dict(row) for row in (await connection.execute(_BY_KEY[by], parameters)).mappings()]


def as_key(key: Any) -> str | list[str]:
    """Return what a statement takes for a key, or for several."""
    return [str(one) for one in key] if isinstance(key, list) else str(key)
