"""What an event does to each open referral, what cannot be, and how two profiles become one."""

import datetime
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.lifecycle import OPEN_STATUSES
from service.domain.person_events import (
    AffectedReferral,
    EventKind,
    Happening,
    Known,
    consequences,
    duplicates,
    faults_in,
    merge_answers,
)
from service.domain.profiles import Answer

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - datetime.timedelta(days=1)
TOMORROW = TODAY + datetime.timedelta(days=1)


def referral(pack: str = "cas3", status: str = "submitted", **changes: Any) -> AffectedReferral:
    return AffectedReferral(uuid.uuid4(), pack, status, **changes)


@pytest.mark.parametrize(
    ("kind", "pack", "then", "reason", "marked"),
    [
        (EventKind.DEATH, "cas3", "withdrawn", "person_died", True),
        (EventKind.DEATH, "mappa", "withdrawn", "person_died", True),
        (EventKind.RECALL_STANDARD, "cas3", "withdrawn", "recalled", True),
        (EventKind.RECALL_STANDARD, "mappa", "accepted", "recalled", True),
        (EventKind.RECALL_FIXED_TERM, "cas3", "accepted", "suspended_by_recall", True),
        (EventKind.RECALL_FIXED_TERM, "mappa", "accepted", "suspended_by_recall", True),
        (EventKind.TRANSFER, "cas3", "accepted", "transferred", False),
        (EventKind.MERGE, "cas3", "accepted", "merged", False),
    ],
)
def test_each_event_has_its_own_code_for_each_open_referral(
    kind: EventKind, pack: str, then: str, reason: str, marked: bool
) -> None:
    (made,) = consequences(kind, [referral(pack, "accepted")])

    assert (made.to_status, made.reason, made.marked) == (then, reason, marked)


@pytest.mark.parametrize("status", OPEN_STATUSES)
def test_a_death_leaves_no_referral_open(status: str) -> None:
    (made,) = consequences(EventKind.DEATH, [referral(status=status)])

    assert made.to_status not in OPEN_STATUSES


def known(**changes: Any) -> Known:
    facts: dict[str, Any] = {
        "crn": "X000001",
        "today": TODAY,
        "date_of_birth": datetime.date(1980, 2, 29),
        "region": "London",
    }
    return Known(**facts | changes)


@pytest.mark.parametrize(
    ("event", "facts", "pointers"),
    [
        (Happening(EventKind.DEATH, TODAY), {}, []),
        (Happening(EventKind.DEATH, TOMORROW), {}, ["/happened_on"]),
        (Happening(EventKind.DEATH, datetime.date(1980, 2, 29)), {}, []),
        (Happening(EventKind.DEATH, datetime.date(1980, 2, 28)), {}, ["/happened_on"]),
        (Happening(EventKind.DEATH, datetime.date(1980, 2, 28)), {"date_of_birth": None}, []),
        (Happening(EventKind.DEATH, YESTERDAY), {"last_recalled_on": TODAY}, ["/happened_on"]),
        (Happening(EventKind.DEATH, TODAY), {"last_recalled_on": TODAY}, []),
        (Happening(EventKind.RECALL_STANDARD, YESTERDAY), {"last_recalled_on": TODAY}, []),
        (Happening(EventKind.RECALL_FIXED_TERM, TODAY, re_release_on=TODAY), {}, ["/re_release_on"]),
        (Happening(EventKind.RECALL_FIXED_TERM, TODAY, re_release_on=TOMORROW), {}, []),
        (Happening(EventKind.TRANSFER, TODAY, region="London"), {}, ["/region"]),
        (Happening(EventKind.TRANSFER, TODAY, region="Wales"), {}, []),
        (Happening(EventKind.TRANSFER, TODAY, region="London"), {"region": None}, []),
        (Happening(EventKind.MERGE, TODAY, surviving_crn="X000001"), {}, ["/surviving_crn"]),
        (Happening(EventKind.MERGE, TOMORROW, surviving_crn="X000001"), {}, ["/happened_on", "/surviving_crn"]),
    ],
)
def test_what_cannot_be_is_named_at_its_place(event: Happening, facts: dict[str, Any], pointers: list[str]) -> None:
    assert [fault.pointer for fault in faults_in(event, known(**facts))] == pointers


@pytest.mark.parametrize(
    ("moving", "staying", "kept"),
    [
        ("draft", "draft", "staying"),
        ("draft", "submitted", "staying"),
        ("submitted", "draft", "moving"),
        ("accepted", "query", "moving"),
        ("started", "scheduled", "moving"),
        ("scheduled", "started", "staying"),
    ],
)
def test_of_two_referrals_for_one_thing_the_one_further_on_is_kept(moving: str, staying: str, kept: str) -> None:
    pair = {"moving": referral(status=moving), "staying": referral(status=staying)}
    (found,) = duplicates([pair["moving"]], [pair["staying"]])

    assert found.kept == pair[kept]
    assert {found.kept, found.withdrawn} == set(pair.values())


@pytest.mark.parametrize(
    "difference",
    [{"pack": "mappa"}, {"recipient_id": "other"}, {"service_category": "acc"}, {"second_number": 1}],
)
def test_referrals_for_different_things_are_no_duplicates(difference: dict[str, Any]) -> None:
    assert duplicates([referral()], [referral(**difference)]) == []


def answer(value: Any, **changes: Any) -> Answer:
    made = Answer(
        value=value,
        source="practitioner",
        as_of="2026-11-01",
        recorded_by="p",
        recorded_at="2026-11-01T09:00:00+00:00",
        revision=3,
    )
    made.update(changes)  # type: ignore[typeddict-item]
    return made


def merge(staying: dict[str, Answer], moving: dict[str, Answer]) -> Any:
    return merge_answers(staying, moving, revision=8, now=NOW)


def test_an_answer_comes_over_where_the_survivor_has_none() -> None:
    merged = merge({}, {"tier": answer("b2", source="delius")})

    assert merged.answers["tier"] == answer("b2", source="delius", revision=8)
    assert (merged.changed, merged.set_aside) == ({"tier": "merged"}, {})


def test_two_equal_answers_are_one() -> None:
    merged = merge({"tier": answer("b2")}, {"tier": answer("b2", as_of="2026-10-01")})

    assert (merged.answers["tier"], merged.changed, merged.set_aside) == (answer("b2"), {}, {})


def test_two_different_answers_are_a_conflict_and_history_keeps_the_other_whole() -> None:
    other = answer("c1", source="nomis")
    merged = merge({"tier": answer("b2")}, {"tier": other})

    assert merged.answers["tier"]["value"] == "b2"
    assert merged.answers["tier"]["conflict"]["value"] == "c1"
    assert (merged.changed, merged.set_aside) == ({"tier": "conflict"}, {"tier": other})


def test_a_conflict_that_stands_already_is_not_overwritten() -> None:
    doubt = {"value": "a1", "source": "delius", "as_of": "2026-09-01", "recorded_at": "2026-09-01T09:00:00+00:00"}
    merged = merge({"tier": answer("b2", conflict=doubt)}, {"tier": answer("c1")})

    assert merged.answers["tier"]["conflict"] == doubt
    assert (merged.changed, merged.set_aside) == ({}, {"tier": answer("c1")})


def test_a_doubt_about_an_equal_answer_comes_over() -> None:
    doubt = {"value": "a1", "source": "delius", "as_of": "2026-09-01", "recorded_at": "2026-09-01T09:00:00+00:00"}
    merged = merge({"tier": answer("b2")}, {"tier": answer("b2", conflict=doubt)})

    assert merged.answers["tier"]["conflict"] == doubt


def test_what_must_not_be_asked_again_is_not_asked_again_whichever_case_said_so() -> None:
    mark = {"reason": "Told four times", "recorded_by": "p", "recorded_at": "2026-11-01T09:00:00+00:00"}
    merged = merge({"trauma": answer("a")}, {"trauma": answer("a", do_not_ask_again=mark)})

    assert merged.answers["trauma"]["do_not_ask_again"] == mark
    assert merged.changed == {"trauma": "marked"}


values = st.sampled_from(["a", "b", "c"])
profiles = st.dictionaries(st.sampled_from(["one", "two", "three"]), values.map(answer))


@given(staying=profiles, moving=profiles)
def test_a_merge_loses_nothing_and_changes_no_survivors_answer(
    staying: dict[str, Answer], moving: dict[str, Answer]
) -> None:
    merged = merge(staying, moving)

    assert set(merged.answers) == set(staying) | set(moving)
    assert all(merged.answers[item]["value"] == present["value"] for item, present in staying.items())
    for item, other in moving.items():
        kept = [merged.answers[item]["value"], merged.set_aside.get(item, {}).get("value")]
        assert other["value"] in kept
