"""What a provider writes and when: the table, and the limits of an appointment."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.conflicts import ProvisionNotOpen
from service.domain.lifecycle import Status
from service.domain.provision import (
    WRITTEN_IN,
    Absence,
    Attended,
    Came,
    Writing,
    faults_in_attendance,
    faults_in_start,
    require_open,
)

SENT = datetime.datetime(2026, 9, 1, 9, tzinfo=datetime.UTC)
NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
HOURS = st.integers(min_value=-400 * 24, max_value=400 * 24)


@given(st.sampled_from(Writing), st.sampled_from(Status))
def test_what_the_table_does_not_name_is_refused_with_what_may_be_written_instead(
    writing: Writing, status: Status
) -> None:
    if status in WRITTEN_IN[writing]:
        require_open(writing, status)
        return
    with pytest.raises(ProvisionNotOpen) as refused:
        require_open(writing, status)
    assert writing not in refused.value.context["allowed"]


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED])
def test_what_has_ended_takes_attendance_concerns_and_the_report_that_is_owed(status: Status) -> None:
    owed = {Writing.END_OF_SERVICE_REPORT} if status in {Status.COMPLETED, Status.WITHDRAWN} else set()
    taken = {writing for writing in Writing if status in WRITTEN_IN[writing]}

    assert taken == {Writing.ATTENDANCE, Writing.CONCERN} | owed


@given(hours=HOURS, has_attendance=st.booleans())
def test_an_appointment_lies_between_the_sending_and_six_months_ahead_and_is_past_only_with_attendance(
    *, hours: int, has_attendance: bool
) -> None:
    starts_at = NOW + datetime.timedelta(hours=hours)
    within = starts_at >= SENT and starts_at.date() <= datetime.date(2027, 5, 23)
    is_well = within and has_attendance is (starts_at <= NOW)

    assert (faults_in_start(starts_at, sent_at=SENT, now=NOW, has_attendance=has_attendance) == []) is is_well


@given(st.sampled_from(Attended), st.none() | st.sampled_from(Absence))
def test_an_absence_has_a_reason_and_nothing_else_has(attended: Attended, reason: Absence | None) -> None:
    is_well = (attended is Attended.NO) is (reason is not None)

    assert (faults_in_attendance(Came(attended, reason)) == []) is is_well
