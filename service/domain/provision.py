"""What a commissioned provider may write about its work with a person, and when."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from service.conflicts import ProvisionNotOpen
from service.domain.calendar import british_day, months_after
from service.domain.lifecycle import IN_HAND, Status
from service.errors import FieldError


class Writing(StrEnum):
    """What a provider writes."""

    APPOINTMENT = "appointment"
    ATTENDANCE = "attendance"
    PROGRESS = "progress"
    CONCERN = "concern"
    PROPOSAL = "proposal"
    END_OF_SERVICE_REPORT = "end_of_service_report"


class Kind(StrEnum):
    """What an appointment is for."""

    SUPPLIER_ASSESSMENT = "supplier_assessment"
    DELIVERY = "delivery"


class How(StrEnum):
    """How it is held."""

    PHONE = "phone"
    VIDEO = "video"
    PROBATION_OFFICE = "probation_office"
    OTHER = "other"


class Attended(StrEnum):
    """Whether the person came."""

    YES = "yes"
    LATE = "late"
    NO = "no"


class Absence(StrEnum):
    """Why they did not."""

    ACCEPTABLE = "acceptable"
    UNACCEPTABLE = "unacceptable"
    LOGISTICS = "logistics"


class About(StrEnum):
    """Whose safety, or what else, a concern is about."""

    PERSON = "person"
    CHILD = "child"
    OTHERS = "others"
    STAFF = "staff"
    OTHER = "other"


_ACCEPTED = frozenset({Status.ACCEPTED, Status.SCHEDULED, Status.STARTED})
_ENDED = frozenset({Status.COMPLETED, Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED})
_SENT = frozenset(Status) - {Status.DRAFT}
_IN_HAND = frozenset(IN_HAND)
# The table: in which statuses each thing is written. What has ended still takes attendance and concerns, for as long as
# the provider sees it; and the report on work that ended before its time (a withdrawal, a death) is owed as any other.
WRITTEN_IN: dict[Writing, frozenset[Status]] = {
    Writing.APPOINTMENT: _ACCEPTED,
    Writing.ATTENDANCE: _ACCEPTED | _ENDED,
    Writing.PROGRESS: _ACCEPTED,
    Writing.CONCERN: _SENT,
    Writing.PROPOSAL: _IN_HAND,
    Writing.END_OF_SERVICE_REPORT: frozenset({Status.STARTED, Status.COMPLETED, Status.WITHDRAWN}),
}
MONTHS_AHEAD = 6


def require_open(writing: Writing, status: str) -> None:
    """Refuse what is not written about a referral in its present status: ProvisionNotOpen."""
    if status not in WRITTEN_IN[writing]:
        allowed = [str(one) for one in Writing if status in WRITTEN_IN[one]]
        raise ProvisionNotOpen(status_now=str(status), allowed=allowed)


@dataclass(frozen=True, slots=True)
class Came:
    """Whether somebody came, and why not."""

    attended: Attended
    reason: Absence | None = None


def faults_in_start(
    starts_at: datetime.datetime, *, sent_at: datetime.datetime, now: datetime.datetime, has_attendance: bool
) -> list[FieldError]:
    """Return what is wrong with when an appointment is: from the sending until six months ahead.

    One that has begun is booked only together with whether the person came, and one to come never is.
    """
    if starts_at < sent_at:
        return [FieldError("/starts_at", "before-sending", "This is before the referral was sent.")]
    if starts_at.astimezone(datetime.UTC).date() > months_after(british_day(now), MONTHS_AHEAD):
        return [FieldError("/starts_at", "too-far-ahead", f"Book no more than {MONTHS_AHEAD} months ahead.")]
    if starts_at <= now and not has_attendance:
        return [FieldError("/attendance", "missing", "This is past: say whether the person came.")]
    if starts_at > now and has_attendance:
        return [FieldError("/attendance", "not-yet", "This is still to come.")]
    return []


def faults_in_attendance(came: Came, at: str = "") -> list[FieldError]:
    """Return what is wrong with an attendance: an absence has a reason, and nothing else has one."""
    if came.attended is Attended.NO and came.reason is None:
        return [FieldError(f"{at}/reason", "missing", "Say why the person did not come.")]
    if came.attended is not Attended.NO and came.reason is not None:
        return [FieldError(f"{at}/reason", "not-absent", "Only an absence has a reason.")]
    return []
