"""What a duty to refer sent from here says of the person, beside what was made elsewhere."""

import datetime
from typing import Any

import pytest

from service.catalogue.loading import catalogue
from service.catalogue.reasons import reasons
from service.domain.circumstances import Circumstances, ReferralFact
from service.domain.duty_to_refer import PACK, answers_once_decided, answers_once_sent
from service.domain.known_facts import facts_of
from service.domain.lifecycle import Action, Status
from tests.domain.test_circumstances import answered

DAY = datetime.date(2026, 10, 1)


def sent(status: str, days: int = 0, *, on: datetime.date | None = DAY) -> ReferralFact:
    created = datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=days)
    submitted = on + datetime.timedelta(days=days) if on else None
    return ReferralFact(PACK, Status(status), created, submitted_on=submitted)


def found(*referrals: ReferralFact, **values: Any) -> tuple[str, str | None] | None:
    facts = facts_of(Circumstances(answered(values), referrals)).duty_to_refer
    return (str(facts.status), facts.submitted_on.isoformat() if facts.submitted_on else None) if facts else None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("submitted", "submitted"),
        ("received", "submitted"),
        ("query", "submitted"),
        ("accepted", "accepted"),
        ("scheduled", "accepted"),
        ("started", "accepted"),
        ("completed", "accepted"),
        ("rejected", "not_accepted"),
        ("withdrawn", "withdrawn"),
        ("expired", "submitted"),
    ],
)
def test_one_sent_from_here_is_as_far_as_its_status(status: str, expected: str) -> None:
    assert found(sent(status)) == (expected, DAY.isoformat())


@pytest.mark.parametrize("status", ["draft", "withdrawn", "expired"])
def test_what_was_never_sent_is_none(status: str) -> None:
    assert found(sent(status, on=None)) is None


def test_the_newest_that_was_not_withdrawn_counts() -> None:
    assert found(sent("rejected"), sent("submitted", 3)) == ("submitted", "2026-10-04")
    assert found(sent("accepted"), sent("withdrawn", 3)) == ("accepted", "2026-10-01")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"duty_to_refer_made": False}, ("submitted", "2026-10-01")),
        ({"duty_to_refer_made_on": "2026-09-30"}, ("submitted", "2026-10-01")),
        ({"duty_to_refer_made": True}, ("submitted", "2026-10-01")),
        (
            {"duty_to_refer_made_on": "2026-10-02", "duty_to_refer_outcome": "accepted_priority_need"},
            ("accepted", "2026-10-02"),
        ),
    ],
)
def test_one_made_elsewhere_counts_only_when_it_is_later(values: dict[str, Any], expected: tuple[str, str]) -> None:
    assert found(sent("received"), **values) == expected


def test_what_the_profile_is_told_are_answers_its_items_can_hold() -> None:
    items = catalogue().items
    offered = reasons().packs[PACK]
    told = [answers_once_sent("A council" * 30, DAY)]
    for action in (Action.ACCEPTANCE, Action.REJECTION, Action.REOPENING):
        told.extend(answers_once_decided(action, code, "A note. " * 400) for code in offered.offered(action))

    for answers in told:
        faults = [items[item].value.faults(value, item) for item, value in answers.items() if value is not None]
        assert faults == [[]] * len(faults), answers


@pytest.mark.parametrize("action", set(Action) - {Action.ACCEPTANCE, Action.REJECTION, Action.REOPENING})
def test_other_acts_tell_the_profile_nothing(action: Action) -> None:
    assert answers_once_decided(action, "other", None) == {}
