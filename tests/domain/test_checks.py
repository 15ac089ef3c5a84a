"""What makes a check due, how it stands, and when a lowered risk level asks for a manager's view: as tables."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.loading import catalogue
from service.domain import check_requests
from service.domain.ages import Age
from service.domain.check_requests import chaser, facts_of, faults_in_answer, last_valid_day
from service.domain.checks import (
    MADE_DUE_BY,
    OUTSIDE,
    Asked,
    Because,
    CheckFacts,
    CheckKind,
    CheckStatus,
    Learned,
    Result,
    learned_from,
    standing,
    standings,
)
from service.domain.eligibility.thresholds import Thresholds, read_thresholds
from service.domain.risk_lowerings import LEVEL_ITEMS, lowered, reasons_to_ask
from service.domain.risk_lowerings import Because as ToView

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
TODAY = NOW.date()
FRESH = "2026-08-23"
USUAL = Thresholds()
POLICE, CHILDREN = CheckKind.DOMESTIC_ABUSE, CheckKind.CHILD_SAFEGUARDING


def ago(days: float) -> datetime.datetime:
    return NOW - datetime.timedelta(days=days)


def day(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def relationship(days: float) -> Learned:
    return Learned(Because.NEW_RELATIONSHIP, ago(days), "partner_relationship")


def asked(days: int, answered: int | None = None, **more: Any) -> Asked:
    answer: dict[str, Any] = {} if answered is None else {"answered_on": day(answered), "result": "nothing_held"}
    return Asked(ago(days), day(days), **answer | more)


@pytest.mark.parametrize(
    ("learned", "known", "status", "due_on"),
    [
        ([], None, "not_needed", None),
        ([relationship(0)], None, "due", day(-7)),
        ([relationship(7)], None, "due", day(0)),
        ([relationship(8)], None, "overdue", day(1)),
        ([relationship(8)], asked(0), "asked", day(-14)),
        ([], asked(14), "asked", day(0)),
        ([], asked(15), "overdue", day(1)),
        ([relationship(2)], asked(15), "overdue", day(1)),
        ([relationship(30)], asked(20, 5), "answered", None),
        ([relationship(10)], asked(20, 5), "overdue", day(3)),
        ([relationship(3)], asked(20, 5), "due", day(-4)),
        ([], asked(100, 92), "answered", None),
        ([], asked(100, 93), "expired", None),
        ([], asked(20, 10, valid_until=day(0)), "answered", None),
        ([], asked(20, 10, valid_until=day(1)), "expired", None),
        ([], asked(20, 10, result="not_needed"), "not_needed", None),
        ([relationship(1)], asked(20, 10, result="not_needed"), "due", day(-6)),
    ],
)
def test_how_a_check_stands(
    learned: list[Learned], known: Asked | None, status: str, due_on: datetime.date | None
) -> None:
    found = standing(POLICE, CheckFacts(learned, {POLICE: known} if known else {}), NOW, FRESH, USUAL)

    assert (found.status, found.due_on) == (status, due_on)
    assert (found.since is None) == (known is None and not learned)


@pytest.mark.parametrize(
    ("setting", "learned", "known", "due_on"),
    [
        ("check_asked_within", [relationship(8)], None, day(-2)),
        ("check_answered_within", [], asked(15), day(5)),
    ],
)
def test_how_long_a_check_may_stand_can_be_set(
    setting: str, learned: list[Learned], known: Asked | None, due_on: datetime.date
) -> None:
    facts = CheckFacts(learned, {POLICE: known} if known else {})
    found = standing(POLICE, facts, NOW, FRESH, read_thresholds({setting: "10 days"}))

    assert standing(POLICE, facts, NOW, FRESH, USUAL).status == "overdue"
    assert (found.due_on, found.status == "overdue") == (due_on, due_on < TODAY)


def test_an_open_referral_makes_a_check_due_that_was_never_asked_and_no_other() -> None:
    facts = CheckFacts(asked={CHILDREN: asked(20, 5)}, referred_at=ago(3))
    found = {one.kind: one for one in standings(facts, NOW, FRESH, USUAL)}

    assert (found[POLICE].status, found[POLICE].reasons) == ("due", (Learned(Because.REFERRAL, ago(3)),))
    assert found[CHILDREN].status == "answered"


def test_a_child_makes_only_the_child_safeguarding_check_due() -> None:
    child = Learned(Because.CHILD_CONTACT, NOW, "children_in_contact")

    assert [one.status for one in standings(CheckFacts([child]), NOW, FRESH, USUAL)] == ["not_needed", "due"]


@pytest.mark.parametrize(
    ("item", "says", "because"),
    [
        ("partner_relationship", None, "new_relationship"),
        ("home_address", None, "new_address"),
        ("release_accommodation", None, "new_address"),
        ("child_contact_arrangements", None, "child_contact"),
        ("children_in_contact", None, "child_contact"),
        ("children_in_contact", "none", None),
        ("current_location", "community_address", "move"),
        ("current_location", "approved_premises", "move"),
        ("current_location", "prison", None),
        ("current_location", "hospital", None),
        ("current_premises", None, "move"),
    ],
)
def test_what_is_learned_and_why_it_matters(item: str, says: str | None, because: str | None) -> None:
    found = learned_from(item, says, recorded_at=NOW, as_of=TODAY, is_first=False)

    assert (found.because if found else None) == because


@pytest.mark.parametrize(
    ("is_first", "as_of", "at"), [(True, day(60), day(60)), (True, day(0), None), (False, day(60), None)]
)
def test_the_first_value_of_an_item_counts_from_its_own_day_and_a_change_from_when_it_was_learned(
    is_first: bool, as_of: datetime.date, at: datetime.date | None
) -> None:
    found = learned_from("home_address", None, recorded_at=NOW, as_of=as_of, is_first=is_first)

    assert found is not None
    assert found.at == (datetime.datetime.combine(at, datetime.time(), tzinfo=datetime.UTC) if at else NOW)


def test_every_item_named_is_in_the_catalogue() -> None:
    items = catalogue().items
    places = set(items["current_location"].value.json_schema()["enum"])

    assert set(MADE_DUE_BY) | set(LEVEL_ITEMS) <= set(items)
    assert places >= OUTSIDE
    assert {kind.item(part) for kind in CheckKind for part in (*check_requests.PARTS, "detail")} <= set(items)


def answer(value: Any, days: float = 0) -> dict[str, Any]:
    return {"value": value, "recorded_at": ago(days).isoformat(), "as_of": day(int(days)).isoformat()}


def request(on: int, answered: int | None = None) -> dict[str, Any]:
    row = {"id": "1", "asked_of": "Police", "asked_on": day(on).isoformat(), "asked_at": ago(on).isoformat()}
    result = "nothing_held" if answered is not None else None
    answered_on = day(answered).isoformat() if answered is not None else None
    return row | {"chased_on": None, "answered_on": answered_on, "result": result, "valid_until": None}


def facts(answers: dict[str, Any], requests: dict[str, Any] | None = None) -> CheckFacts:
    named = {f"domestic_abuse_check_{part}": value for part, value in answers.items()}
    return facts_of({"learned": [], "requests": requests or {}, "answers": named, "referred_at": None})


@pytest.mark.parametrize(
    ("answers", "requests", "asked_on", "answered_on"),
    [
        ({}, {}, None, None),
        ({"requested_on": answer("2026-11-01")}, {}, "2026-11-01", None),
        ({"answered_on": answer("2026-11-10")}, {}, "2026-11-10", "2026-11-10"),
        ({"requested_on": answer("2026-11-01"), "answered_on": answer("2026-11-10")}, {}, "2026-11-01", "2026-11-10"),
        ({"requested_on": answer("2026-11-12"), "answered_on": answer("2026-11-10")}, {}, "2026-11-12", None),
        ({"requested_on": answer("2026-11-13", 10)}, {"domestic_abuse": request(10)}, "2026-11-13", None),
        ({"requested_on": answer("2026-11-20", 3)}, {"domestic_abuse": request(10, 5)}, "2026-11-20", None),
        ({"requested_on": answer("2026-11-01", 22)}, {"domestic_abuse": request(10, 5)}, "2026-11-13", "2026-11-18"),
        # An answer that only the profile was told, after the check was asked.
        ({"answered_on": answer("2026-11-20", 3)}, {"domestic_abuse": request(10)}, "2026-11-13", "2026-11-20"),
        # An answer from before the check was asked again, on the same day.
        ({"answered_on": answer("2026-11-13", 10.1)}, {"domestic_abuse": request(10)}, "2026-11-13", None),
    ],
)
def test_a_check_asked_here_or_recorded_as_asked_elsewhere_the_later_one_counts(
    answers: dict[str, Any], requests: dict[str, Any], asked_on: str | None, answered_on: str | None
) -> None:
    found = facts(answers, requests).asked.get(POLICE)

    assert (found.on.isoformat() if found else None) == asked_on
    assert (found.answered_on.isoformat() if found and found.answered_on else None) == answered_on


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1)), st.integers(0, 12), st.integers(0, 30))
def test_the_last_valid_day_is_the_last_on_which_the_answer_is_fresh(
    answered_on: datetime.date, months: int, days: int
) -> None:
    age = Age(days=days, months=months)
    last = last_valid_day(answered_on, age)

    assert (age.oldest(last) <= answered_on) or days > 0
    if days == 0 or months == 0:
        assert age.oldest(last) <= answered_on < age.oldest(last + datetime.timedelta(days=1))


@pytest.mark.parametrize(
    ("result", "detail", "valid_until", "pointers"),
    [
        (Result.NOTHING_HELD, None, day(-60), []),
        (Result.INFORMATION_HELD, "Held.", day(-60), []),
        (Result.INFORMATION_HELD, None, day(-60), ["/detail"]),
        (Result.NOTHING_HELD, None, day(1), ["/valid_until"]),
        (Result.INFORMATION_HELD, None, day(-93), ["/detail", "/valid_until"]),
    ],
)
def test_what_is_held_is_said_and_nothing_is_relied_on_for_too_long(
    result: Result, detail: str | None, valid_until: datetime.date, pointers: list[str]
) -> None:
    found = faults_in_answer(result, detail, answered_on=TODAY, valid_until=valid_until, age=Age(months=3))

    assert [fault.pointer for fault in found] == pointers


def test_a_chaser_names_the_check_the_reference_and_the_days() -> None:
    drafted = chaser(POLICE, "X100001", "Police desk", day(20), [day(6), day(6)])

    assert drafted.to == "Police desk"
    assert "domestic abuse check" in drafted.subject
    assert "On 3 November 2026 we asked" in drafted.text
    assert drafted.text.count("17 November 2026") == 1


def levels(**values: Any) -> dict[str, Any]:
    return {f"risk_{name}_level": answer(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({}, levels(overall="low"), []),
        (levels(overall="high"), levels(overall="high"), []),
        (levels(overall="high"), levels(overall="very_high"), []),
        (levels(overall="high"), levels(overall="medium"), [(None, "high", "medium")]),
        (levels(overall="high"), {}, [(None, "high", None)]),
        (levels(overall="low"), {}, []),
        (
            levels(children={"community": "high", "custody": "low"}),
            levels(children={"community": "medium", "custody": "low"}),
            [("community", "high", "medium")],
        ),
    ],
)
def test_which_levels_were_lowered(before: dict[str, Any], after: dict[str, Any], found: list[Any]) -> None:
    assert [(one.part, one.before, one.after) for one in lowered(before, after)] == found


@pytest.mark.parametrize(
    ("known", "release_in", "because"),
    [
        ({}, None, [ToView.NO_DOMESTIC_ABUSE_CHECK, ToView.NO_CHILD_SAFEGUARDING_CHECK]),
        ({POLICE: asked(9, 3)}, None, [ToView.NO_CHILD_SAFEGUARDING_CHECK]),
        ({POLICE: asked(9, 3), CHILDREN: asked(9, 3)}, None, []),
        ({POLICE: asked(9, 3), CHILDREN: asked(9, 3)}, 28, [ToView.NEAR_RELEASE]),
        ({POLICE: asked(9, 3), CHILDREN: asked(9, 3)}, -28, [ToView.NEAR_RELEASE]),
        ({POLICE: asked(9, 3), CHILDREN: asked(9, 3)}, 29, []),
        ({POLICE: asked(9, 3), CHILDREN: asked(9, 3, result="not_needed")}, None, []),
        ({POLICE: asked(9, 3), CHILDREN: asked(9)}, None, [ToView.NO_CHILD_SAFEGUARDING_CHECK]),
    ],
)
def test_when_a_lowered_level_asks_for_a_managers_view(
    known: dict[CheckKind, Asked], release_in: int | None, because: list[ToView]
) -> None:
    release_on = day(-release_in) if release_in is not None else None

    assert reasons_to_ask(standings(CheckFacts(asked=known), NOW, FRESH, USUAL), release_on, TODAY) == because


def test_each_status_is_reached() -> None:
    cases = [
        CheckFacts(),
        CheckFacts([relationship(1)]),
        CheckFacts(asked={POLICE: asked(1)}),
        CheckFacts(asked={POLICE: asked(30)}),
        CheckFacts(asked={POLICE: asked(30, 3)}),
        CheckFacts(asked={POLICE: asked(130, 103)}),
    ]

    assert {standing(POLICE, one, NOW, FRESH, USUAL).status for one in cases} == set(CheckStatus)
