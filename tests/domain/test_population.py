"""Filling a pack: three-valued conditions, hidden inputs, windows, and what each question still lacks."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from service.catalogue.conditions import UNKNOWN
from service.catalogue.definitions import AgeLimit, Catalogue
from service.catalogue.loading import load_catalogue
from service.domain.narratives import Tick, Variant
from service.domain.population import Draft, OwnAnswer, Populated, Reason, Recipient, Surroundings, populate
from service.domain.profiles import Answer
from tests.domain.catalogues import small_catalogue

TODAY = datetime.date(2026, 11, 23)
RECIPIENT = Recipient("somewhere")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(Path(tmp_path_factory.mktemp("catalogue")))


def answer(value: Any, *, as_of: str = "2026-11-20", source: str = "practitioner", revision: int = 1) -> Answer:
    return Answer(
        value=value, source=source, as_of=as_of, recorded_by="p", recorded_at=f"{as_of}T09:00:00", revision=revision
    )


def own(value: Any) -> OwnAnswer:
    return OwnAnswer(value=value, recorded_by="p", recorded_at="2026-11-20T09:00:00", draft_revision=2)


def fill(
    catalogue: Catalogue,
    pack: str,
    answers: dict[str, Answer],
    draft: Draft | None = None,
    sent: frozenset[str] = frozenset(),
) -> Populated:
    oldest = dict.fromkeys(AgeLimit, "2026-05-23")
    surroundings = Surroundings(TODAY, oldest, catalogue.items, sent)
    return populate(catalogue.pack(pack), answers, draft or Draft(recipient=RECIPIENT), surroundings)


def lacking(populated: Populated) -> dict[str, list[Reason]]:
    return {entry.question.id: list(entry.reasons) for entry in populated.outstanding}


def test_a_question_whose_condition_is_unknown_waits_and_what_decides_it_is_asked(catalogue: Catalogue) -> None:
    populated = fill(catalogue, "housing", {})

    assert populated.entries["release_on"].asked is UNKNOWN
    assert "release_on" not in lacking(populated)
    assert "release_known" in populated.deciding


@pytest.mark.parametrize(
    ("known", "asked", "outstanding"),
    [(True, True, True), (False, False, False)],
)
def test_answering_opens_or_closes_the_questions_that_hang_on_it(
    catalogue: Catalogue, known: bool, asked: bool, outstanding: bool
) -> None:
    populated = fill(catalogue, "housing", {"release_known": answer(known)})

    assert populated.entries["release_on"].asked is asked
    assert ("release_on" in lacking(populated)) is outstanding


def test_false_and_unknown_is_false_so_a_derivation_needs_no_date_when_none_is_known(catalogue: Catalogue) -> None:
    populated = fill(catalogue, "housing", {"release_known": answer(False)})

    assert populated.entries["soon"].value is False
    assert populated.entries["why_late"].asked is False


@pytest.mark.parametrize(("day", "soon"), [("2026-12-20", True), ("2026-12-21", False)])
def test_whole_days_to_a_date_decide_what_is_asked(catalogue: Catalogue, day: str, soon: bool) -> None:
    answers = {"release_known": answer(True), "release_on": answer(day)}

    assert fill(catalogue, "housing", answers).entries["why_late"].asked is soon


def test_a_hidden_input_is_asked_only_when_the_derivation_cannot_do_without_it(catalogue: Catalogue) -> None:
    unsent, sent = fill(catalogue, "care", {}), fill(catalogue, "care", {}, sent=frozenset({"housing"}))

    assert lacking(unsent)["council"] == [Reason.MISSING]
    assert sent.entries["sent"].value is True
    assert "council" not in lacking(sent)


def test_a_list_not_asked_here_reads_as_empty_and_closes_what_hangs_on_it(catalogue: Catalogue) -> None:
    populated = fill(catalogue, "care", {"needs": answer(["none"]), "wheelchair": answer(True)})

    assert populated.entries["wheelchair"].asked is False
    assert "wheelchair" not in lacking(populated)


def test_an_optional_question_is_never_missing(catalogue: Catalogue) -> None:
    assert "council" not in lacking(fill(catalogue, "housing", {}))


@pytest.mark.parametrize(
    ("as_of", "stale"),
    [("2026-05-23", False), ("2026-05-22", True)],
)
def test_an_answer_is_stale_the_day_after_its_greatest_age(catalogue: Catalogue, as_of: str, stale: bool) -> None:
    populated = fill(catalogue, "care", {"risk": answer("The public", as_of=as_of)})

    assert (Reason.STALE in populated.entries["risk"].reasons) is stale


def test_what_the_person_must_not_be_asked_again_never_goes_stale(catalogue: Catalogue) -> None:
    marked = answer("The public", as_of="2020-01-01")
    marked["do_not_ask_again"] = {"reason": "told once", "recorded_by": "p", "recorded_at": "2026-01-01T00:00:00"}

    assert Reason.STALE not in fill(catalogue, "care", {"risk": marked}).entries["risk"].reasons


def test_a_conflict_is_a_question(catalogue: Catalogue) -> None:
    conflicting = answer(True)
    conflicting["conflict"] = {"value": False, "source": "nomis", "as_of": "2026-11-01", "recorded_at": "2026-11-01"}

    populated = fill(catalogue, "housing", {"release_known": conflicting})
    assert populated.entries["release_known"].reasons == (Reason.CONFLICTING,)


def tick(text: str, revision: int = 1) -> Tick:
    return Tick(
        revision=revision, master=text, text=text, recorded_by="p", recorded_at="2026-11-20T09:00:00", draft_revision=2
    )


@pytest.mark.parametrize(
    ("ticked", "unread"),
    [
        (None, True),
        (tick("The public"), False),
        (tick("The public", revision=0), True),
        (tick("Somebody else"), True),
    ],
    ids=["never read", "read as it stands", "changed since it was read", "other words were read"],
)
def test_a_narrative_is_unread_until_its_present_words_are_ticked(
    catalogue: Catalogue, ticked: Tick | None, unread: bool
) -> None:
    draft = Draft(ticks={"risk": ticked} if ticked else {}, recipient=RECIPIENT)
    populated = fill(catalogue, "care", {"risk": answer("The public")}, draft)

    assert (Reason.UNREAD in populated.entries["risk"].reasons) is unread


def test_a_rewording_stands_for_this_referral_alone_and_must_itself_be_read(catalogue: Catalogue) -> None:
    variant = Variant(text="Shorter", recorded_by="p", recorded_at="2026-11-20T09:00:00", draft_revision=2)
    draft = Draft(variants={"risk": variant}, ticks={"risk": tick("The public")}, recipient=RECIPIENT)
    answers = {"risk": answer("The public")}

    assert fill(catalogue, "care", answers, draft).entries["risk"].value == "Shorter"
    assert Reason.UNREAD in fill(catalogue, "care", answers, draft).entries["risk"].reasons
    assert fill(catalogue, "care", answers).entries["risk"].value == "The public"


@pytest.mark.parametrize(("length", "over"), [(40, False), (41, True)])
def test_a_form_that_takes_fewer_characters_says_so(catalogue: Catalogue, length: int, over: bool) -> None:
    populated = fill(catalogue, "housing", {"risk": answer("x" * length)})

    assert (Reason.OVER_LENGTH in populated.entries["risk"].reasons) is over


@pytest.mark.parametrize(
    ("day", "first_possible"),
    [("2027-02-23", None), ("2027-02-24", datetime.date(2026, 11, 24))],
)
def test_a_recipient_that_takes_referrals_three_months_ahead_is_too_early_the_day_before(
    catalogue: Catalogue, day: str, first_possible: datetime.date | None
) -> None:
    populated = fill(catalogue, "housing", {"release_known": answer(True), "release_on": answer(day)})

    assert [early.first_possible_on for early in populated.too_early] == ([first_possible] if first_possible else [])


def test_consent_given_on_one_referral_is_not_copied_to_another(catalogue: Catalogue) -> None:
    given = Draft(own={"consent": own(True)}, recipient=RECIPIENT)

    assert fill(catalogue, "housing", {}, given).entries["consent"].value is True
    assert lacking(fill(catalogue, "care", {}))["consent"] == [Reason.MISSING]


def test_a_referral_without_a_recipient_says_so(catalogue: Catalogue) -> None:
    assert lacking(fill(catalogue, "care", {}, Draft()))["recipient"] == [Reason.MISSING]


def test_a_derivation_reads_the_recipients_words_and_never_brings_back_what_was_kept(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = Path(tmp_path_factory.mktemp("catalogue"))
    small_catalogue(folder)
    path = folder / "packs" / "care" / "1.yaml"
    joined = "      - {id: joined, derive: \"'Risk: ' + risk\", label: Joined, value: {type: text}}\n"
    path.write_text(path.read_text() + joined)
    kept = Variant(redacted_because="private", recorded_by="p", recorded_at="now", draft_revision=2)
    draft = Draft(variants={"risk": kept}, recipient=RECIPIENT)

    populated = fill(load_catalogue(folder), "care", {"risk": answer("The public")}, draft)
    assert populated.entries["joined"].value == "Risk: "


def test_a_condition_knows_whether_any_narrative_is_reworded_for_this_recipient(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    (tmp_path / "packs" / "asking").mkdir(parents=True)
    (tmp_path / "packs" / "asking" / "1.yaml").write_text(REWORDED)
    known = load_catalogue(tmp_path)
    variant = Variant(recorded_by="p", recorded_at="2026-11-20T09:00:00", draft_revision=2, redacted_because="Victim.")
    as_written, reworded = [
        fill(known, "asking", {}, Draft(recipient=RECIPIENT, variants=variants)).entries["edited"]
        for variants in ({}, {"risk": variant})
    ]

    assert (as_written.value, reworded.value) == (False, True)


REWORDED = """
pack: asking
version: "1"
label: Asking
form: none
booleans: yes_no
sections:
  - id: one
    label: One
    questions:
      - {id: edited, label: Was it reworded, derive: narratives_reworded, value: {type: boolean}}
"""
