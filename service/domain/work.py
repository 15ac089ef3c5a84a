"""What waits for somebody: each thing with why it waits, the most urgent first."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from service.domain.checks import CheckKind, CheckStatus, Standing
from service.domain.deadlines import Deadline, DeadlineName, DeadlineStatus
from service.domain.profiles import Answers
from service.domain.readiness import outstanding_checks


class Kind(StrEnum):
    """What has to be done, from the most urgent to the least: a kind's place is its urgency."""

    # For the sender's side.
    CASE_OPENED_IN_EMERGENCY = "case_opened_in_emergency"
    CONCERN_TO_ACKNOWLEDGE = "concern_to_acknowledge"
    RAISED_RISK_UNACKNOWLEDGED = "raised_risk_unacknowledged"
    LOWERED_RISK_TO_VIEW = "lowered_risk_to_view"
    QUERY_TO_ANSWER = "query_to_answer"
    PROPOSAL_TO_DECIDE = "proposal_to_decide"
    AMENDMENT_TO_SEND = "amendment_to_send"
    HAND_OVER_LATE = "hand_over_late"
    CHECK_OVERDUE = "check_overdue"
    DRAFT_TO_SEND = "draft_to_send"
    DEADLINE_WITHOUT_DRAFT = "deadline_without_draft"
    CHECK_OUTSTANDING = "check_outstanding"
    DRAFT_TAKEN_OVER = "draft_taken_over"
    REJECTION_TO_READ = "rejection_to_read"
    CANCELLATION_TO_READ = "cancellation_to_read"
    ACCEPTANCE_TO_READ = "acceptance_to_read"
    SCHEDULING_TO_READ = "scheduling_to_read"
    AMENDMENT_NOT_RECEIVED = "amendment_not_received"
    NOT_RECEIVED = "not_received"
    CASE_OPENED = "case_opened"
    # For the recipient's side.
    QUERY_ANSWERED = "query_answered"
    NEW_VERSION_TO_RECEIVE = "new_version_to_receive"
    TO_RECEIVE = "to_receive"
    TO_DECIDE = "to_decide"


RANK = {kind: place for place, kind in enumerate(Kind)}
WHY = {
    Kind.CASE_OPENED_IN_EMERGENCY: "Somebody opened this case in an emergency, without asking first.",
    Kind.CONCERN_TO_ACKNOWLEDGE: "The provider has raised a concern for safety: acknowledge it by name.",
    Kind.RAISED_RISK_UNACKNOWLEDGED: "The risk rose, and nobody at the provider acknowledged it in a day: ring.",
    Kind.LOWERED_RISK_TO_VIEW: "A risk level was lowered without a current check, or near a release: give your view.",
    Kind.QUERY_TO_ANSWER: "The recipient has asked something and waits for the answer.",
    Kind.PROPOSAL_TO_DECIDE: "The provider proposes another level or outcome: agree, or keep what stands.",
    Kind.AMENDMENT_TO_SEND: "The release or licence dates have moved since it was sent: send the change.",
    Kind.DRAFT_TAKEN_OVER: "This draft came with the case, and nobody has worked on it since.",
    Kind.CANCELLATION_TO_READ: "What was booked has been cancelled, or the person did not arrive.",
    Kind.ACCEPTANCE_TO_READ: "The recipient has accepted it.",
    Kind.SCHEDULING_TO_READ: "The recipient has set a day.",
    Kind.REJECTION_TO_READ: "The recipient has rejected it and said why.",
    Kind.AMENDMENT_NOT_RECEIVED: "The recipient has not yet received the newest version.",
    Kind.HAND_OVER_LATE: "The case should have been handed over by now: complete it, or move the day.",
    Kind.NOT_RECEIVED: "It was sent a while ago and the recipient has not said that they have it.",
    Kind.CASE_OPENED: "Somebody who does not manage this case opened it and gave a reason.",
    Kind.QUERY_ANSWERED: "What was asked has been answered: it can be decided.",
    Kind.NEW_VERSION_TO_RECEIVE: "The sender has sent a newer version.",
    Kind.TO_RECEIVE: "It has been sent and waits to be received.",
    Kind.TO_DECIDE: "It has been received and waits for a decision.",
}
# Dates that a recipient plans by: when one has moved since it was sent, the referral is to be amended.
DATES_SENT = ("sentence_release_date", "earliest_release_date", "licence_expiry_date")
# By which deadline of the timeline each pack's referral should be sent.
DEADLINES = {
    "approved_premises": DeadlineName.APPROVED_PREMISES_APPLICATION,
    "cas3": DeadlineName.CAS3_REFERRAL,
    "commissioned_services": DeadlineName.COMMISSIONED_SERVICES_REFERRAL,
    "duty_to_refer": DeadlineName.DUTY_TO_REFER,
    "mappa": DeadlineName.MAPPA_REFERRAL,
}
PACKS = {deadline: pack for pack, deadline in DEADLINES.items()}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may wait before they stand on somebody's list (ours; nothing prescribes these numbers)."""

    draft_due_within: datetime.timedelta = datetime.timedelta(weeks=4)
    answers_shown_for: datetime.timedelta = datetime.timedelta(days=14)
    unreceived_after: datetime.timedelta = datetime.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `at` places it among its kind: the day it is due, else since when it has waited."""

    kind: Kind
    id: str
    crn: str
    since: datetime.datetime
    why: str
    referral_id: str | None = None
    pack: str | None = None
    due_on: datetime.date | None = None

    @property
    def place(self) -> tuple[int, datetime.datetime, str]:
        """Where it stands in the list: by urgency of its kind, then by when it is or was due."""
        return RANK[self.kind], self.at, self.id

    @property
    def at(self) -> datetime.datetime:
        """The instant it is placed by."""
        if self.due_on is None:
            return self.since
        return datetime.datetime.combine(self.due_on, datetime.time(), tzinfo=datetime.UTC)


def due_soon(pack: str, deadlines: Iterable[Deadline], today: datetime.date, patience: Patience) -> Deadline | None:
    """Return the deadline a draft of a pack should meet, if that day is near or past; None while there is time."""
    for deadline in deadlines:
        if deadline.name is DEADLINES.get(pack) and _is_pressing(deadline, today, patience):
            return deadline
    return None


def _is_pressing(deadline: Deadline, today: datetime.date, patience: Patience) -> bool:
    is_near = deadline.due_on is not None and deadline.due_on <= today + patience.draft_due_within
    return is_near and deadline.status in {DeadlineStatus.DUE, DeadlineStatus.OVERDUE, DeadlineStatus.UPCOMING}


def draft_waiting(referral_id: str, crn: str, pack: str, since: datetime.datetime, deadline: Deadline) -> Waiting:
    """Return a draft as it waits to be sent by a deadline."""
    late = "Its deadline has passed." if deadline.status is DeadlineStatus.OVERDUE else "Its deadline is near."
    return Waiting(
        Kind.DRAFT_TO_SEND, referral_id, crn, since, f"{late} {deadline.why}", referral_id, pack, deadline.due_on
    )


def deadlines_without_draft(
    crn: str, deadlines: Iterable[Deadline], packs_open: Collection[str], today: datetime.date, patience: Patience
) -> list[Waiting]:
    """Return the deadlines of one person that are near or past and that no open referral is about to meet."""
    met = {DEADLINES[pack] for pack in packs_open if pack in DEADLINES}
    return [
        Waiting(
            Kind.DEADLINE_WITHOUT_DRAFT,
            _id_for(crn, deadline.name),
            crn,
            datetime.datetime.combine(deadline.window_opens_on or today, datetime.time(), tzinfo=datetime.UTC),
            deadline.why,
            due_on=deadline.due_on,
            pack=PACKS.get(deadline.name),
        )
        for deadline in deadlines
        if deadline.name not in met and _is_pressing(deadline, today, patience)
    ]


def checks_outstanding(
    crn: str, answers: Answers, oldest_fresh: str, since: datetime.datetime, overdue: Collection[CheckKind] = ()
) -> list[Waiting]:
    """Return the two checks as far as they are unanswered or too old, waiting since a case's oldest open referral.

    One that is overdue besides is on the list as that, and not twice.
    """
    late = {f"{kind}_check_outstanding" for kind in overdue}
    return [
        Waiting(Kind.CHECK_OUTSTANDING, _id_for(crn, warning.code), crn, since, warning.detail)
        for warning in outstanding_checks(answers, oldest_fresh)
        if warning.code not in late
    ]


def checks_overdue(crn: str, found: Iterable[Standing]) -> list[Waiting]:
    """Return the checks that should have been asked, or answered, by now."""
    return [
        Waiting(
            Kind.CHECK_OVERDUE,
            _id_for(crn, f"{one.kind}_check_overdue"),
            crn,
            one.since,
            f"The {one.kind.label} has not been answered in time: chase it."
            if one.asked is not None and one.asked.answered_on is None
            else f"The {one.kind.label} should have been asked for by now.",
            due_on=one.due_on,
        )
        for one in found
        if one.status is CheckStatus.OVERDUE and one.since is not None
    ]


def _id_for(crn: str, what: str) -> str:
    """Return the same id each time for a thing that has none of its own, so that a page can end with it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{crn}/{what}"))


def page_of(
    waiting: Iterable[Waiting], after: tuple[int, datetime.datetime, str] | None, limit: int
) -> tuple[list[Waiting], bool]:
    """Return what waits after a place, the most urgent first and `limit` at most, and whether there is more."""
    left = sorted((one for one in waiting if after is None or one.place > after), key=lambda one: one.place)
    return left[:limit], len(left) > limit
