"""Changing a profile: whose word stands, what conflicts, what is refused, and that nothing is half-saved."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue.definitions import AgeLimit, Catalogue
from service.domain import profiles
from service.domain.ages import oldest_fresh, read_ages
from service.domain.profiles import Answer, Author, Change
from tests.domain.catalogues import small_catalogue

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
TODAY = NOW.date()
PRACTITIONER = Author("p.one", "practitioner")
SYSTEM = Author("nomis-feed", "record_system")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(Path(tmp_path_factory.mktemp("catalogue")))


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def typed(item: str, value: Any, as_of: str | None = None) -> Change:
    return Change(item, value, has_value=True, as_of=day(as_of) if as_of else None)


def held(item: str, value: Any, as_of: str) -> Change:
    return Change(item, value, has_value=True, as_of=day(as_of), source="nomis")


def amend(
    catalogue: Catalogue, answers: dict[str, Answer], change: Change, author: Author, revision: int = 1
) -> profiles.Amended:
    return profiles.amend(answers, [change], catalogue.items, author, now=NOW, revision=revision)


@pytest.mark.parametrize(
    ("typed_on", "held_as_of", "value", "outcome", "stands"),
    [
        ("2026-11-23", "2026-11-24", "2027-05-02", "set", "2027-05-02"),
        ("2026-11-23", "2026-11-23", "2027-05-02", "conflict", "2027-05-01"),
        ("2026-11-23", "2026-11-19", "2027-05-02", "conflict", "2027-05-01"),
        ("2026-11-01", "2026-11-20", "2027-05-02", "conflict", "2027-05-01"),
        ("2026-11-23", "2026-11-19", "2027-05-01", None, "2027-05-01"),
    ],
    ids=[
        "a later record supersedes",
        "the same day is kept with the conflict",
        "an earlier record conflicts",
        "a record from before the person said it conflicts, of whatever day they said it",
        "they agree",
    ],
)
def test_a_record_system_never_silently_overwrites_a_practitioners_later_answer(
    catalogue: Catalogue, typed_on: str, held_as_of: str, value: str, outcome: str | None, stands: str
) -> None:
    before = amend(catalogue, {}, typed("release_on", "2027-05-01", typed_on), PRACTITIONER).answers
    after = amend(catalogue, before, held("release_on", value, held_as_of), SYSTEM, 2)

    assert after.changed.get("release_on") == outcome
    assert after.answers["release_on"]["value"] == stands
    assert ("conflict" in after.answers["release_on"]) is (outcome == "conflict")


@pytest.mark.parametrize("settling", [typed("release_on", "2027-05-02"), Change("release_on", confirmed=True)])
def test_a_practitioner_settles_a_conflict_by_answering_or_confirming(catalogue: Catalogue, settling: Change) -> None:
    answers = amend(catalogue, {}, typed("release_on", "2027-05-01"), PRACTITIONER).answers
    answers = amend(catalogue, answers, held("release_on", "2027-05-02", "2026-11-01"), SYSTEM, 2).answers

    assert "conflict" not in amend(catalogue, answers, settling, PRACTITIONER, 3).answers["release_on"]


def test_confirming_refreshes_the_age_and_not_the_words(catalogue: Catalogue) -> None:
    before = amend(catalogue, {}, typed("risk", "The public", "2026-01-01"), PRACTITIONER).answers
    after = amend(catalogue, before, Change("risk", confirmed=True), PRACTITIONER, 2).answers["risk"]

    assert (after["as_of"], after["revision"], after["confirmed_by"]) == ("2026-11-23", 1, "p.one")


@pytest.mark.parametrize(
    ("change", "author", "pointer", "code"),
    [
        (typed("nobody_knows", 1), PRACTITIONER, "/answers/nobody_knows", "unknown-item"),
        (typed("consent", True), PRACTITIONER, "/answers/consent", "not-in-profile"),
        (typed("release_on", "soon"), PRACTITIONER, "/answers/release_on/value", "date"),
        (typed("needs", ["mobility", "none"]), PRACTITIONER, "/answers/needs/value", "exclusive"),
        (
            held("release_on", "2027-05-01", "2026-11-01"),
            PRACTITIONER,
            "/answers/release_on/source",
            "source-not-yours",
        ),
        (typed("release_on", "2027-05-01"), SYSTEM, "/answers/release_on/source", "source-needed"),
        (typed("release_on", "2027-05-01", "2026-11-24"), PRACTITIONER, "/answers/release_on/as_of", "in-the-future"),
        (Change("risk", confirmed=True), PRACTITIONER, "/answers/risk/confirmed", "nothing-to-confirm"),
        (Change("risk"), PRACTITIONER, "/answers/risk", "nothing-said"),
    ],
)
def test_a_wrong_change_names_its_item_and_the_reason(
    catalogue: Catalogue, change: Change, author: Author, pointer: str, code: str
) -> None:
    faults = profiles.faults_in([change], catalogue.items, {}, author, TODAY)

    assert [(fault.pointer, fault.code) for fault in faults] == [(pointer, code)]


def test_a_mark_not_to_ask_again_survives_a_new_answer(catalogue: Catalogue) -> None:
    marked = Change("risk", "It was told once", has_value=True, do_not_ask_again="Told in full to her first officer.")
    answers = amend(catalogue, {}, marked, PRACTITIONER).answers
    answers = amend(catalogue, answers, typed("risk", "It was told once, and written down"), PRACTITIONER, 2).answers

    assert answers["risk"]["do_not_ask_again"]["reason"] == "Told in full to her first officer."


def test_taking_an_answer_back_leaves_the_question_open(catalogue: Catalogue) -> None:
    answers = amend(catalogue, {}, typed("council", "Leeds"), PRACTITIONER).answers
    after = amend(catalogue, answers, Change("council", None, has_value=True), PRACTITIONER, 2)

    assert after.changed == {"council": "retracted"}
    assert "council" not in after.answers


@pytest.mark.parametrize(
    ("today", "oldest"),
    [("2026-11-23", "2026-05-23"), ("2026-08-31", "2026-02-28"), ("2028-08-31", "2028-02-29")],
)
def test_six_months_is_counted_in_calendar_months(today: str, oldest: str) -> None:
    ages = read_ages(dict.fromkeys(AgeLimit, "6 months"))

    assert oldest_fresh(ages, day(today))[AgeLimit.OASYS] == oldest


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["p", "s"]), st.integers(1, 20), st.sampled_from(["2027-05-01", "2027-06-01"])),
        max_size=12,
    )
)
def test_a_persons_answer_gives_way_only_to_a_later_record_or_another_person(
    catalogue: Catalogue, writes: list[tuple[str, int, str]]
) -> None:
    answers: dict[str, Answer] = {}
    expected: tuple[str, str, str] | None = None
    for revision, (who, date, value) in enumerate(writes, start=1):
        as_of = f"2026-11-{date:02d}"
        change = typed("release_on", value, as_of) if who == "p" else held("release_on", value, as_of)
        author = PRACTITIONER if who == "p" else SYSTEM
        now = datetime.datetime.fromisoformat(f"{as_of}T09:00:00+00:00")
        answers = profiles.amend(answers, [change], catalogue.items, author, now=now, revision=revision).answers
        later = expected is None or as_of > expected[1] or (as_of == expected[1] and expected[0] == "s")
        if who == "p" or later:
            expected = (who, as_of, value)

    if expected is not None:
        assert (answers["release_on"]["as_of"], answers["release_on"]["value"]) == expected[1:]


def test_an_older_value_of_a_record_system_goes_into_the_history_alone(
    catalogue: Catalogue,
) -> None:
    before = amend(catalogue, {}, held("release_on", "2027-05-01", "2026-11-20"), SYSTEM).answers
    after = amend(catalogue, before, held("release_on", "2027-04-01", "2026-01-01"), SYSTEM, 2)

    assert after.changed == {"release_on": "older"}
    assert after.answers["release_on"]["value"] == "2027-05-01"
    assert after.noted["release_on"]["value"] == "2027-04-01"


def test_a_question_refused_before_it_was_answered_is_marked_and_still_unanswered(catalogue: Catalogue) -> None:
    refused = Change("risk", do_not_ask_again="Will not speak of it again.")
    answers = amend(catalogue, {}, refused, PRACTITIONER).answers
    later = amend(catalogue, answers, typed("risk", "From the court papers."), PRACTITIONER, 2).answers

    assert profiles.given(answers["risk"]) is None
    assert later["risk"]["do_not_ask_again"]["reason"] == "Will not speak of it again."


def test_taking_an_answer_back_leaves_the_mark(catalogue: Catalogue) -> None:
    marked = Change("risk", "Told once.", has_value=True, do_not_ask_again="Told once.")
    answers = amend(catalogue, {}, marked, PRACTITIONER).answers
    after = amend(catalogue, answers, Change("risk", None, has_value=True), PRACTITIONER, 2)

    assert after.changed == {"risk": "retracted"}
    assert profiles.given(after.answers["risk"]) is None
    assert "do_not_ask_again" in after.answers["risk"]
