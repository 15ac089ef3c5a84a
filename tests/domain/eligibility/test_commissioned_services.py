"""Commissioned services for accommodation: from when, for whom, and whether one is running."""

from datetime import date

import pytest

from service.domain.eligibility.lines import Line, Service
from tests.domain.eligibility.making import LIVE_SERVICES, in_prison_until, line, line_for, make_facts, weeks_ahead

FOR_A_MAN, FOR_OTHERS = "submit_crs_accommodation_referral", "submit_crs_referral"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("live", line("submitted")),
        ("completed", line("not_started", FOR_A_MAN)),
        ("withdrawn", line("not_started", FOR_A_MAN)),
        (None, line("not_started", FOR_A_MAN)),
    ],
)
def test_only_a_live_referral_counts(status: str | None, expected: Line) -> None:
    facts = make_facts(commissioned_services={"accommodation_referral": status})

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == expected


@pytest.mark.parametrize(
    ("sex", "action"),
    [("M", FOR_A_MAN), ("F", FOR_OTHERS), ("N", FOR_OTHERS), ("NS", FOR_OTHERS), (None, FOR_OTHERS)],
)
def test_men_are_referred_for_accommodation_and_others_generally(sex: str | None, action: str) -> None:
    assert line_for(Service.COMMISSIONED_SERVICES, make_facts(sex=sex)) == line("not_started", action)


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [
        (weeks_ahead(12), line("not_started", FOR_A_MAN)),
        (weeks_ahead(12, days=1), line("upcoming", FOR_A_MAN, date(2026, 11, 23))),
        (weeks_ahead(52), line("upcoming", FOR_A_MAN, date(2027, 8, 29))),
        (weeks_ahead(-1), line("not_started", FOR_A_MAN)),
        (None, line("not_started", FOR_A_MAN)),
    ],
)
def test_one_may_start_exactly_twelve_weeks_ahead(ends_on: str | None, expected: Line) -> None:
    facts = make_facts(current_accommodation=in_prison_until(ends_on))

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == expected


def test_before_the_window_even_a_live_referral_is_only_upcoming() -> None:
    facts = make_facts(
        current_accommodation=in_prison_until(weeks_ahead(12, days=1)), commissioned_services=LIVE_SERVICES
    )

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == line("upcoming", FOR_A_MAN, date(2026, 11, 23))


@pytest.mark.parametrize("ends_on", [None, weeks_ahead(4), weeks_ahead(40)])
@pytest.mark.parametrize(
    ("kind", "has_next", "reasons"),
    [
        ("settled", False, ["is_settled"]),
        ("settled", True, ["has_next_accommodation", "is_settled"]),
        ("prison", True, ["has_next_accommodation"]),
        (None, True, ["has_next_accommodation"]),
    ],
)
def test_none_is_needed_with_a_settled_or_a_next_home(
    kind: str | None, has_next: bool, reasons: list[str], ends_on: str | None
) -> None:
    facts = make_facts(current_accommodation={"kind": kind, "ends_on": ends_on}, has_next_accommodation=has_next)

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == line("not_required", None, None, *reasons)


@pytest.mark.parametrize("kind", ["prison", "approved_premises", "cas2", "cas3", "homeless", "transient", None])
def test_every_other_home_may_need_one(kind: str | None) -> None:
    facts = make_facts(current_accommodation={"kind": kind})

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == line("not_started", FOR_A_MAN)


def test_within_the_window_a_live_referral_is_shown_even_when_none_is_needed() -> None:
    facts = make_facts(
        current_accommodation={"kind": "settled"}, has_next_accommodation=True, commissioned_services=LIVE_SERVICES
    )

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == line("submitted")


def test_before_the_window_a_live_referral_is_not_shown_when_none_is_needed() -> None:
    facts = make_facts(
        current_accommodation=in_prison_until(weeks_ahead(40)),
        has_next_accommodation=True,
        commissioned_services=LIVE_SERVICES,
    )

    assert line_for(Service.COMMISSIONED_SERVICES, facts) == line("not_required", None, None, "has_next_accommodation")
