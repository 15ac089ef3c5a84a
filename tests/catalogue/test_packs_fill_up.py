"""The packs of this release, filled with any answers: the list empties, and the form takes every row."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.catalogue.inventories import accepts, inventory
from service.catalogue.loading import catalogue
from service.domain.forms import form_rows
from service.domain.population import Reason, Recipient
from tests.domain.desks import TODAY, Desk
from tests.domain.values import any_value

ROUNDS = 15
# What only another answer can mend: random answers contradict each other now and then, and the form says so.
CONTRADICTIONS = {Reason.REFUSED, Reason.OVER_LENGTH}
CONTRACTS = st.sampled_from([("acc",), ("ete",), ("ewb", "fso", "lsa", "soc")])
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("pack", catalogue().pack_names)
@SLOW
@given(data=st.data(), categories=CONTRACTS)
def test_answering_what_is_listed_settles_the_form_and_the_form_takes_every_row(
    pack: str, data: st.DataObject, categories: tuple[str, ...]
) -> None:
    recipient = Recipient("somewhere", "london", categories, len(categories) > 1)
    desk = Desk(catalogue(), [pack], recipient=recipient)
    asked: set[str] = set()
    for _ in range(ROUNDS):
        listed = [outstanding for outstanding in desk.listed() if not outstanding.reasons <= CONTRADICTIONS]
        if not listed:
            break
        for outstanding in listed:
            assert not (outstanding.in_profile and outstanding.id in asked), f"{outstanding.id} was asked twice"
            asked.add(outstanding.id)
            desk.answer(outstanding, data.draw(any_value(outstanding.question.value.definition), outstanding.id))

    populated = desk.fill(pack)
    assert {reason for entry in populated.outstanding for reason in entry.reasons} <= CONTRADICTIONS
    for row, value in form_rows(populated, TODAY).items():
        assert accepts(inventory()[row], value) is None, row


@SLOW
@given(data=st.data())
def test_four_packs_at_once_ask_no_shared_item_twice(data: st.DataObject) -> None:
    desk = Desk(catalogue(), list(catalogue().pack_names), recipient=Recipient("somewhere", "london", ("acc",)))
    asked: list[str] = []
    for _ in range(ROUNDS):
        listed = [outstanding for outstanding in desk.listed() if not outstanding.reasons <= CONTRADICTIONS]
        for outstanding in listed:
            if outstanding.in_profile:
                asked.append(outstanding.id)
            desk.answer(outstanding, data.draw(any_value(outstanding.question.value.definition)))
        if not listed:
            break

    assert len(asked) == len(set(asked))
    assert {reason for entry in desk.listed() for reason in entry.reasons} <= CONTRADICTIONS
