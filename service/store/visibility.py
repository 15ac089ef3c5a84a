"""Who may see which case, as the SQL every query about people is built on (design §5).

A case is visible to those it is allocated to, to their team and its manager, and for a while to whoever opened it with
a reason. Nobody on its exclusion list sees it; while it is restricted only those on its allow-list do. Recipients see
referrals, never cases. A record system holds every person already. A suspended worker sees nothing. A provider's worker
sees the referrals sent to the contracts their organisation is on, while those are open and for a while after (§7).
Staff of approved premises see the stays of their own premises, and no case (§8).
"""

import datetime
import uuid

from service.access.callers import Caller, Role
from service.domain.shared_work import SHARED_PACKS

# Parameters: :worker_id, :now. Needs `c` to be the case_record row.
NOT_BARRED = """
    NOT EXISTS (SELECT FROM limited_access l
                WHERE l.crn = c.crn AND l.kind = 'excluded' AND l.worker_id = :worker_id)
    AND (NOT c.restricted
         OR EXISTS (SELECT FROM limited_access l
                    WHERE l.crn = c.crn AND l.kind = 'allowed' AND l.worker_id = :worker_id))
"""
# A worker nobody has registered may come from an external issuer; one who was suspended sees nothing any more.
_AT_WORK = "NOT EXISTS (SELECT FROM worker s WHERE s.id = :worker_id AND NOT s.active)"
_HELD = """
    EXISTS (SELECT FROM allocation a
            WHERE a.crn = c.crn AND a.ended_at IS NULL
              AND (a.worker_id = :worker_id
                   OR a.team = (SELECT w.team FROM worker w WHERE w.id = :worker_id AND w.active)))
"""
_OPENED = """
    EXISTS (SELECT FROM case_opening o
            WHERE o.crn = c.crn AND o.worker_id = :worker_id AND o.expires_at > :now)
"""
# A must-not-receive list knows people and bodies by id or name, however that is spaced or capitalised (as
# `service.domain.readiness.must_not_receive` compares them).
_PLAIN = r"lower(btrim(regexp_replace({}, '\s+', ' ', 'g')))"
_NAMED = "r.own #> '{must_not_receive,value}'"


def on_list(*names: str) -> str:
    """Return the SQL condition under which one of these SQL texts stands on the must-not-receive list of referral `r`.

    An empty text stands on none.
    """
    return f"""
    EXISTS (
        SELECT FROM jsonb_array_elements(CASE WHEN jsonb_typeof({_NAMED}) = 'array' THEN {_NAMED} ELSE '[]' END)
                        AS named (entry),
                    jsonb_each_text(CASE WHEN jsonb_typeof(named.entry) = 'object' THEN named.entry ELSE '{{}}' END)
                        AS part
        WHERE {_PLAIN.format("part.value")} <> ''
          AND {_PLAIN.format("part.value")} IN ({", ".join(_PLAIN.format(one) for one in names)}))
    """


# The caller stands on the list, or those they act for. Parameters: :worker_id, :organisation.
_PROVIDERS_NAME = """
    COALESCE((SELECT v.name FROM provider_worker v WHERE v.worker_id = :worker_id AND v.ended_at IS NULL), '')
"""
_KEPT_FROM_THEM = on_list(
    "CAST(:worker_id AS text)",
    "COALESCE(CAST(:organisation AS text), '')",
    "COALESCE((SELECT o.name FROM organisation o WHERE o.id = :organisation), '')",
    "COALESCE((SELECT w.name FROM worker w WHERE w.id = :worker_id), '')",
    _PROVIDERS_NAME,
)
_IN_THEIR_AREA = "AND x.area = :area"
# The caller is registered, and not suspended, at an organisation that is active. Parameters: :worker_id, :organisation.
AT_WORK_FOR_PROVIDER = """
    EXISTS (SELECT FROM provider_worker w JOIN organisation o ON o.id = w.organisation_id AND o.active
            WHERE w.worker_id = :worker_id AND w.organisation_id = :organisation AND w.ended_at IS NULL)
"""
# How long a provider goes on seeing a referral that has ended, to close its work (ours; nothing prescribes it).
CLOSING_TIME = datetime.timedelta(days=28)
ENDED = "r.status IN ('completed', 'rejected', 'withdrawn', 'expired')"
# Parameter: :closed_since.
NOT_CLOSED = f"(NOT {ENDED} OR r.status_since > CAST(:closed_since AS timestamptz))"
# Organisation and worker as they stand now, not as they stood when the token was made. A restricted person is shown
# only to those whom the practitioner named for this referral. Parameters: :worker_id, :organisation, :closed_since,
# :narrowed_to, :subcontractor.
_PROVIDED = f"""
    r.version > 0
    AND EXISTS (SELECT FROM contract_member m
                JOIN organisation o ON o.id = m.organisation_id AND o.active
                JOIN provider_worker w ON w.organisation_id = m.organisation_id
                WHERE m.contract_id = r.recipient_id AND m.organisation_id = :organisation AND m.ended_at IS NULL
                  AND w.worker_id = :worker_id AND w.ended_at IS NULL)
    AND {NOT_CLOSED}
    AND (CAST(:narrowed_to AS uuid) IS NULL OR r.id = CAST(:narrowed_to AS uuid))
    AND (CAST(:subcontractor AS text) IS NULL
         OR EXISTS (SELECT FROM contract_member s
                    WHERE s.contract_id = r.recipient_id AND s.organisation_id = :subcontractor
                      AND s.part = 'subcontractor' AND s.ended_at IS NULL))
    AND NOT EXISTS (SELECT FROM limited_access l
                    WHERE l.crn = c.crn AND l.kind = 'excluded' AND l.worker_id = :worker_id)
    AND (NOT c.restricted
         OR EXISTS (SELECT FROM named_worker n
                    WHERE n.referral_id = r.id AND n.worker_id = :worker_id AND n.withdrawn_at IS NULL))
"""  # noqa: S608
# The referrals for moving on of whoever lives at the caller's premises or is expected there (§8).
_SHARED_WITH_PREMISES = f"""
    r.pack IN ({", ".join(f"'{pack}'" for pack in SHARED_PACKS)})
    AND EXISTS (SELECT FROM stay t WHERE t.crn = c.crn AND t.premises_id = :premises
                  AND t.status IN ('expected', 'in_residence', 'suspended'))
"""
_CASE_WORK = frozenset({Role.PRACTITIONER, Role.MANAGER})


def kept_from() -> str:
    """Return the SQL condition under which the caller stands on the must-not-receive list of referral `r`.

    Parameters: `:worker_id` and `:organisation`.
    """
    return _KEPT_FROM_THEM


def case_visible_to(caller: Caller) -> str:
    """Return the SQL condition under which this caller sees case `c`; its parameters are `:worker_id` and `:now`."""
    if caller.role is Role.RECORD_SYSTEM:
        return "TRUE"
    if caller.role in _CASE_WORK:
        return f"(({_HELD} OR {_OPENED}) AND {NOT_BARRED} AND {_AT_WORK})"
    return "FALSE"


def case_held_by(caller: Caller) -> str:
    """Return the SQL condition under which case `c` is the caller's or their team's, not merely opened for a while."""
    if caller.role is Role.RECORD_SYSTEM:
        return "TRUE"
    if caller.role in _CASE_WORK:
        return f"({_HELD} AND {NOT_BARRED} AND {_AT_WORK})"
    return "FALSE"


def case_not_kept_from(caller: Caller) -> str:
    """Return the SQL condition under which nothing keeps case `c` from this caller, once it is theirs to see."""
    return f"({NOT_BARRED} AND {_AT_WORK})" if caller.role in _CASE_WORK else "FALSE"


def case_met_by(caller: Caller) -> str:
    """Return the SQL condition under which case `c` is visible, or a planned hand-over is about to give it to them."""
    arriving = (
        "EXISTS (SELECT FROM hand_over v WHERE v.crn = c.crn AND v.to_worker = :worker_id AND v.status = 'planned')"
    )
    return f"({case_visible_to(caller)} OR ({arriving} AND {case_not_kept_from(caller)}))"


def case_openable_by(caller: Caller) -> str:
    """Return the SQL condition under which this caller may open case `c` for a while, giving a reason.

    A case that was merged away cannot be opened: nothing is left on it, and its answers are on the surviving one.
    """
    if caller.role in _CASE_WORK:
        return f"({NOT_BARRED} AND NOT c.restricted AND c.merged_into IS NULL AND {_AT_WORK})"
    return "FALSE"


def reach_of(caller: Caller, now: datetime.datetime) -> dict[str, str | datetime.datetime | uuid.UUID | None]:
    """Return the parameters of `referral_visible_to` that say for whom a recipient's worker acts, and how far."""
    return {
        "organisation": caller.organisation,
        "area": caller.area,
        "closed_since": now - CLOSING_TIME,
        "narrowed_to": caller.narrowed_to,
        "subcontractor": caller.subcontractor,
        "premises": caller.premises,
    }


def referral_visible_to(caller: Caller) -> str:
    """Return the SQL condition for referral `r` of case `c`: its case is visible, or it was sent to the caller.

    Parameters: `:worker_id`, `:now`, and those of `reach_of`. Recipients see what was sent, never a draft; nobody on
    the case's exclusion list sees it through a referral either, and a restricted case only those allowed. To somebody
    on its must-not-receive list a referral does not exist, nor to somebody whose token names another area.
    """
    if caller.provides:
        return f"({_PROVIDED} AND {_AT_WORK} AND NOT {_KEPT_FROM_THEM})"
    if caller.role is Role.PREMISES:
        return f"({_SHARED_WITH_PREMISES} AND {NOT_BARRED} AND {_AT_WORK} AND NOT {_KEPT_FROM_THEM})"
    if caller.receives:
        return f"""
            (r.version > 0
             AND EXISTS (SELECT FROM recipient x WHERE x.id = r.recipient_id AND x.organisation = :organisation
                            {_IN_THEIR_AREA if caller.area is not None else ""})
             AND {NOT_BARRED} AND {_AT_WORK} AND NOT {_KEPT_FROM_THEM})
        """
    return case_visible_to(caller)


# What somebody did may be repeated for a day (their Idempotency-Key is kept so long), and so it is shown for that day.
JUST_ENDED = datetime.timedelta(days=1)
# A place in approved premises was granted: only then can the staff of some say that they expect the person.
_PLACE_GRANTED = """
    EXISTS (SELECT FROM referral g WHERE g.crn = c.crn AND g.pack = 'approved_premises' AND g.version > 0
              AND g.status IN ('accepted', 'scheduled', 'started'))
"""


def placed_with(caller: Caller, now: datetime.datetime) -> dict[str, str | datetime.datetime | None]:
    """Return the parameters of `stay_visible_to` and `stay_openable_by`."""
    return {"worker_id": caller.worker, "now": now, "premises": caller.premises, "ended_since": now - JUST_ENDED}


def stay_visible_to(caller: Caller) -> str:
    """Return the SQL condition for stay `s` of case `c`: its case is visible, or it is at the caller's premises.

    Parameters: those of `placed_with`. Premises see who lives there or is expected, and for a day who has just left;
    never anybody whose case is kept from the caller, and nobody any more who went to other premises.
    """
    if caller.role is Role.PREMISES:
        ended = "s.ended_at IS NULL OR s.ended_at > :ended_since"
        return f"(s.premises_id = :premises AND ({ended}) AND {NOT_BARRED} AND {_AT_WORK})"
    if caller.role in _CASE_WORK:
        return case_visible_to(caller)
    return "FALSE"


def stay_openable_by(caller: Caller) -> str:
    """Return the SQL condition under which this caller may say that the person of case `c` is expected somewhere."""
    if caller.role is Role.PREMISES:
        return f"(CAST(:premises AS text) IS NOT NULL AND {_PLACE_GRANTED} AND {NOT_BARRED} AND {_AT_WORK})"
    if caller.role in _CASE_WORK:
        return case_visible_to(caller)
    return "FALSE"
