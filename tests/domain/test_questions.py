"""The list of what is still to be asked: each thing once, what decides first, and it always empties."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.catalogue.definitions import Catalogue, QuestionKind
from service.domain.population import Reason
from service.domain.profiles import Answer, Mark
from service.domain.questions import count
from tests.domain.catalogues import small_catalogue
from tests.domain.desks import Desk
from tests.domain.values import any_value

ROUNDS = 12


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return small_catalogue(Path(tmp_path_factory.mktemp("catalogue")))


@settings(max_examples=200, deadline=None)
@given(data=st.data(), sent=st.sampled_from([frozenset(), frozenset({"housing"})]))
def test_answering_exactly_what_is_listed_makes_every_pack_complete(
    catalogue: Catalogue, data: st.DataObject, sent: frozenset[str]
) -> None:
    desk = Desk(catalogue, ["housing", "care"], sent)
    asked: set[str] = set()

    for _ in range(ROUNDS):
        listed = desk.listed()
        if not listed:
            break
        for outstanding in listed:
            if outstanding.in_profile:
                assert outstanding.id not in asked, "a shared item was asked twice"
                asked.add(outstanding.id)
            desk.answer(outstanding, data.draw(any_value(outstanding.question.value.definition)))

    assert all(desk.fill(pack).complete for pack in desk.drafts)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_order_of_packs_changes_nothing(catalogue: Catalogue, data: st.DataObject) -> None:
    one, other = Desk(catalogue, ["housing", "care"]), Desk(catalogue, ["care", "housing"])
    for name in data.draw(st.sets(st.sampled_from(sorted(catalogue.items)))):
        item = catalogue.items[name]
        if item.reuse.shared:
            value = data.draw(any_value(item.value.definition))
            for desk in (one, other):
                desk.answers[name] = Answer(
                    value=value, source="nomis", as_of="2026-11-01", recorded_by="p", recorded_at="now", revision=1
                )

    assert {entry.id for entry in one.listed()} == {entry.id for entry in other.listed()}
    for pack in ("housing", "care"):
        assert one.fill(pack).entries == other.fill(pack).entries


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_population_never_invents_and_never_crosses_reuse_classes(catalogue: Catalogue, data: st.DataObject) -> None:
    desk = Desk(catalogue, ["housing", "care"])
    for name, item in catalogue.items.items():
        if data.draw(st.booleans()):
            desk.answers[name] = Answer(
                value=data.draw(any_value(item.value.definition)),
                source="nomis",
                as_of="2026-11-01",
                recorded_by="p",
                recorded_at="now",
                revision=1,
            )

    for pack in desk.drafts:
        for entry in desk.fill(pack).entries.values():
            question = entry.question
            if question.kind is QuestionKind.DERIVED or not entry.answered:
                continue
            assert question.shared, "only facts and narratives come from the profile"
            assert entry.value == desk.answers[str(question.item)]["value"]


def test_what_two_forms_want_is_asked_once_and_what_decides_comes_first(catalogue: Catalogue) -> None:
    listed = Desk(catalogue, ["housing", "care"]).listed()
    risk = next(outstanding for outstanding in listed if outstanding.id == "risk")

    assert risk.needed_by == ["housing", "care"]
    assert {outstanding.id for outstanding in listed if outstanding.decides} == {"release_known", "needs", "council"}
    assert all(outstanding.decides for outstanding in listed[:3])


def test_the_forms_own_questions_are_asked_for_each_referral_alone(catalogue: Catalogue) -> None:
    listed = {outstanding.id for outstanding in Desk(catalogue, ["housing", "care"]).listed()}

    assert {"housing:consent", "care:consent"} <= listed


def test_the_counts_tell_fields_from_distinct_questions(catalogue: Catalogue) -> None:
    desk = Desk(catalogue, ["housing", "care"])
    counts = count(desk.fillings(), desk.listed())

    assert counts.outstanding == len(desk.listed())
    assert counts.already_answered == 0


def test_what_must_not_be_asked_again_says_so_even_unanswered(catalogue: Catalogue) -> None:
    desk = Desk(catalogue, ["care"])
    desk.answers["risk"] = Answer(
        value=None,
        source="practitioner",
        as_of="2026-11-01",
        recorded_by="p",
        recorded_at="now",
        revision=1,
        do_not_ask_again=Mark(reason="It is too hard to tell.", recorded_by="p", recorded_at="2026-11-01T00:00:00"),
    )

    risk = next(outstanding for outstanding in desk.listed() if outstanding.id == "risk")
    assert (risk.do_not_ask_again, risk.reason) == (True, Reason.MISSING)
