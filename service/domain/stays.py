"""A person's stay in approved premises: what may be done to it, by when they are to leave, how many nights they slept.

A stay is open until it ends, and a person has one open stay at most. A night is slept by whoever is in residence at its
end: the night of arrival counts, the day of leaving does not.
"""

import datetime
from dataclasses import dataclass, replace
from enum import StrEnum

from service.conflicts import TransitionNotAllowed
from service.domain.calendar import days_after
from service.domain.person_events import RECALLS, EventKind
from service.domain.premises import Kind, nights_of

Day = datetime.date


class Status(StrEnum):
    """Where a stay is."""

    EXPECTED = "expected"
    IN_RESIDENCE = "in_residence"
    SUSPENDED = "suspended"
    DEPARTED = "departed"
    NOT_ARRIVED = "not_arrived"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What is done to a stay, or written of it; the last four follow from what happened to the person."""

    EXPECTATION = "expectation"
    RESCHEDULING = "rescheduling"
    ARRIVAL = "arrival"
    EXTENSION = "extension"
    TRANSFER = "transfer"
    DEPARTURE = "departure"
    NON_ARRIVAL = "non_arrival"
    CANCELLATION = "cancellation"
    KEY_WORKER = "key_worker"
    PLAN = "plan"
    HOME = "home"
    OUTCOME = "outcome"
    DEATH = "death"
    RECALL = "recall"
    RE_RELEASE = "re_release"
    MERGE = "merge"


class MoveOn(StrEnum):
    """Where somebody went who left as planned, or had to."""

    BED_AND_BREAKFAST = "bed_and_breakfast"
    CAS2 = "cas2"
    CAS3 = "cas3"
    CUSTODY = "custody"
    DEPORTED_OR_DETAINED = "deported_or_detained"
    FAMILY_OR_PARTNER = "family_or_partner"
    SOCIAL_RENTED = "social_rented"
    NO_FIXED_ABODE = "no_fixed_abode"
    OWNER_OCCUPIED = "owner_occupied"
    PRIVATE_RENTED = "private_rented"
    SUPPORTED_HOUSING = "supported_housing"


class TransferReason(StrEnum):
    """Why somebody goes to other premises."""

    NO_CAPACITY_TO_EXTEND = "no_capacity_to_extend"
    PRIORITISATION = "prioritisation"
    CLOSER_TO_RESETTLEMENT_AREA = "closer_to_resettlement_area"
    CONFLICT_WITH_STAFF = "conflict_with_staff"
    LOCAL_COMMUNITY_ISSUE = "local_community_issue"
    RISK_TO_RESIDENT = "risk_to_resident"
    PUBLIC_PROTECTION = "public_protection"


OPEN = frozenset({Status.EXPECTED, Status.IN_RESIDENCE, Status.SUSPENDED})
# The table: what each act makes of a stay. What is not in it is refused.
TRANSITIONS: dict[tuple[Act, Status], Status] = {
    (Act.RESCHEDULING, Status.EXPECTED): Status.EXPECTED,
    (Act.ARRIVAL, Status.EXPECTED): Status.IN_RESIDENCE,
    (Act.ARRIVAL, Status.SUSPENDED): Status.IN_RESIDENCE,
    (Act.EXTENSION, Status.EXPECTED): Status.EXPECTED,
    (Act.EXTENSION, Status.IN_RESIDENCE): Status.IN_RESIDENCE,
    (Act.TRANSFER, Status.EXPECTED): Status.EXPECTED,
    (Act.TRANSFER, Status.IN_RESIDENCE): Status.IN_RESIDENCE,
    (Act.DEPARTURE, Status.IN_RESIDENCE): Status.DEPARTED,
    (Act.DEPARTURE, Status.SUSPENDED): Status.DEPARTED,
    (Act.NON_ARRIVAL, Status.EXPECTED): Status.NOT_ARRIVED,
    (Act.CANCELLATION, Status.EXPECTED): Status.CANCELLED,
    **{(act, status): status for act in (Act.KEY_WORKER, Act.PLAN, Act.HOME) for status in OPEN},
    # What became of somebody who left is written of a stay that is over, and changes nothing of it.
    (Act.OUTCOME, Status.DEPARTED): Status.DEPARTED,
}
# Reasons for leaving after which it is asked where the person went.
ASKS_WHERE = frozenset({"planned_move_on", "order_or_licence_expired", "bed_withdrawn"})
# What callers do; the rest follows from an event of the person's.
ACTS_OF_CALLERS = tuple(dict.fromkeys(act for act, _ in TRANSITIONS))
# The coded reasons a stay ends with where the person's event ended it.
DIED, RECALLED, RECALLED_BEFORE, MERGED = "died", "recalled", "arrested_or_recalled", "merged_duplicate"


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay as it stands. `departure_set` says that the day of leaving was changed with a reason.

    Somebody sent back to prison for a fixed term is in residence no more: `nights_before` holds what they slept until
    then, and the day of leaving is not known until a day of re-release is.
    """

    kind: Kind
    status: Status
    expected_arrival_on: Day
    expected_departure_on: Day | None
    departure_set: bool = False
    arrived_on: Day | None = None
    resident_since: Day | None = None
    nights_before: int = 0
    recalled_on: Day | None = None
    re_release_on: Day | None = None
    ended_on: Day | None = None
    end_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in OPEN


def expect(kind: Kind, on: Day) -> Stay:
    """Return a stay that is to begin on a day."""
    return Stay(kind, Status.EXPECTED, on, days_after(on, nights_of(kind)))


def require_allowed(act: Act, status: Status) -> None:
    """Refuse what is not done to a stay in its status: TransitionNotAllowed, naming what is."""
    if (act, status) not in TRANSITIONS:
        allowed = [str(one) for one in ACTS_OF_CALLERS if (one, status) in TRANSITIONS]
        raise TransitionNotAllowed("The stay's status does not allow this.", status_now=str(status), allowed=allowed)


def arrive(stay: Stay, on: Day) -> Stay:
    """Return a stay whose person arrived, for the first time or back from a recall.

    The day of leaving counts from the arrival, after a recall from the day of re-release, unless a reason changed it.
    """
    begins = (stay.re_release_on or on) if stay.recalled_on else on
    leaves = stay.expected_departure_on if stay.departure_set else days_after(begins, nights_of(stay.kind))
    return replace(
        stay,
        status=Status.IN_RESIDENCE,
        arrived_on=stay.arrived_on or on,
        resident_since=on,
        expected_departure_on=leaves,
        recalled_on=None,
        re_release_on=None,
    )


def reschedule(stay: Stay, on: Day) -> Stay:
    """Return the stay of somebody expected on another day, earlier or later.

    The day of leaving moves along, unless a reason changed it or it counts from a re-release.
    """
    moves_along = not stay.departure_set and stay.recalled_on is None
    leaves = days_after(on, nights_of(stay.kind)) if moves_along else stay.expected_departure_on
    return replace(stay, expected_arrival_on=on, expected_departure_on=leaves)


def extend(stay: Stay, until: Day) -> Stay:
    """Return a stay whose day of leaving was changed, later or earlier."""
    return replace(stay, expected_departure_on=until, departure_set=True)


def transfer(stay: Stay, kind: Kind, on: Day) -> Stay:
    """Return a stay that goes on in other premises, without a day between.

    Premises of another kind count their own weeks from the day of the move; of the same kind, nothing is counted anew.
    """
    if kind is stay.kind:
        return stay
    begins = on if stay.status is Status.IN_RESIDENCE else stay.expected_arrival_on
    return replace(stay, kind=kind, expected_departure_on=days_after(begins, nights_of(kind)), departure_set=False)


def end(stay: Stay, status: Status, on: Day, reason: str) -> Stay:
    """Return a stay that ended; nobody leaves before they came."""
    last = max(on, stay.resident_since or on)
    slept = nights_slept(stay, last)
    return replace(stay, status=status, resident_since=None, nights_before=slept, ended_on=last, end_reason=reason)


def nights_slept(stay: Stay, today: Day) -> int:
    """Return the nights slept in residence by a day; the night after it is not slept yet."""
    now = max(0, (today - stay.resident_since).days) if stay.resident_since else 0
    return stay.nights_before + now


def nights_left(stay: Stay, today: Day) -> int | None:
    """Return the nights until the day of leaving, below nought once it is past; None where no such day is known."""
    if not stay.is_open or stay.expected_departure_on is None:
        return None
    return (stay.expected_departure_on - today).days


def follow(stay: Stay, event: EventKind, on: Day, re_release_on: Day | None = None) -> Stay:
    """Return what a death or a recall makes of an open stay; the same stay where it makes nothing of it.

    A recall before the person came (back) into residence is told late, and ends no residence that began after it.
    """
    if not stay.is_open:
        return stay
    expected = stay.status is Status.EXPECTED
    if event is EventKind.DEATH:
        return end(stay, Status.CANCELLED if expected else Status.DEPARTED, on, DIED)
    began_since = stay.resident_since is not None and on < stay.resident_since
    if began_since or event not in RECALLS:
        return stay
    if event is EventKind.RECALL_FIXED_TERM:
        return _suspend(stay, on, re_release_on)
    if expected:
        return end(stay, Status.NOT_ARRIVED, on, RECALLED_BEFORE)
    return end(stay, Status.DEPARTED, on, RECALLED)


def _suspend(stay: Stay, on: Day, re_release_on: Day | None) -> Stay:
    """Put a stay off: who was in residence is suspended, who was expected is expected later."""
    suspended = replace(
        stay,
        status=Status.EXPECTED if stay.status is Status.EXPECTED else Status.SUSPENDED,
        nights_before=nights_slept(stay, on),
        resident_since=None,
        recalled_on=on,
        re_release_on=None,
        expected_departure_on=None,
        departure_set=False,
    )
    return note_re_release(suspended, re_release_on) if re_release_on else suspended


def note_re_release(stay: Stay, on: Day) -> Stay:
    """Return a stay of somebody recalled whose clock starts again from a day; any other stay as it is."""
    if stay.recalled_on is None or not stay.is_open:
        return stay
    leaves = days_after(on, nights_of(stay.kind))
    arrives = on if stay.status is Status.EXPECTED else stay.expected_arrival_on
    return replace(stay, re_release_on=on, expected_arrival_on=arrives, expected_departure_on=leaves)
