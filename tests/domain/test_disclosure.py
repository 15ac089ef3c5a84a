"""What a provider is shown of an item: as decided, and the same whether or not there is anything to show."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.definitions import Tier
from service.catalogue.disclosures import Form, Rule, View, disclosure_table, read_table
from service.catalogue.loading import catalogue
from service.domain import disclosure

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
TABLE = disclosure_table()
ITEMS = catalogue().items
LEVELS = {"value": {"community": "high", "custody": "medium"}, "as_of": "2026-11-01", "recorded_by": "p.test"}


@pytest.mark.parametrize(
    ("form", "answer", "expected"),
    [
        (Form.FULL, LEVELS, {"value": LEVELS["value"], "as_of": "2026-11-01"}),
        (Form.FULL, None, {"value": None, "as_of": None}),
        (Form.LEVEL, LEVELS, {"value": "high", "as_of": "2026-11-01"}),
        (Form.YES_NO, {"value": "Much is known", "as_of": None}, {"value": True, "as_of": None}),
        (Form.YES_NO, {"value": "", "as_of": None}, {"value": False, "as_of": None}),
        (Form.YES_NO, {"value": "no", "as_of": None}, {"value": False, "as_of": None}),
        (Form.YES_NO, {"value": "none", "as_of": None}, {"value": False, "as_of": None}),
        (Form.YES_NO, {"value": ["none"], "as_of": None}, {"value": False, "as_of": None}),
        (Form.YES_NO, {"value": ["none", "arson"], "as_of": None}, {"value": True, "as_of": None}),
        (Form.YES_NO, {"value": "not_known", "as_of": None}, {"value": None, "as_of": None}),
        (Form.YES_NO, {"value": False, "as_of": None}, {"value": False, "as_of": None}),
        (Form.WITHHELD, LEVELS, {"withheld": "detail"}),
        (Form.WITHHELD, None, {"withheld": "detail"}),
        (Form.NEVER, LEVELS, None),
        (Form.NEVER, None, None),
    ],
)
def test_an_item_is_shown_in_the_form_decided(form: Form, answer: Any, expected: Any) -> None:
    assert disclosure.shown(Rule(form, "detail"), answer) == expected


KINDS = ("curfew", "drug_testing", "no_contact", "residence")
CONDITIONS = st.none() | st.lists(st.builds(lambda kind: {"kind": kind, "detail": "."}, st.sampled_from(KINDS)))


@given(CONDITIONS, st.sets(st.sampled_from(KINDS)), st.dates())
def test_of_licence_conditions_those_the_contract_needs_are_shown_and_nothing_of_the_others(
    conditions: list[dict[str, str]] | None, needed: set[str], day: datetime.date
) -> None:
    answers: Any = {"licence_conditions": {"value": conditions, "as_of": day.isoformat()}}
    seen = disclosure.live_view(TABLE, answers, needed=needed)["licence_conditions"]

    if not needed:
        assert seen == {"withheld": "not_needed"}
    else:
        wanted = None if conditions is None else [one for one in conditions if one["kind"] in needed]
        assert seen == {"value": wanted, "as_of": None}


def test_only_a_list_of_kinds_can_be_shown_by_need() -> None:
    written = {"live": {"standard": {"needed": ["licence_conditions", "index_offence"]}}}
    assert read_table(written, ITEMS)[1] == [
        "live: index_offence is no list of kinds, of which a contract could need some"
    ]


def test_an_item_nobody_decided_about_is_never_mentioned() -> None:
    assert disclosure.decide(TABLE, View.LIVE, "an_item_of_tomorrow") == Rule(Form.NEVER)


@pytest.mark.parametrize("tier", [Tier.VICTIM, Tier.MAPPA, Tier.INTELLIGENCE_FLAG])
def test_no_item_of_these_tiers_is_shown_by_the_table(tier: Tier) -> None:
    shown = {item for view in View for item in TABLE.mentioned(view) if ITEMS[item].tier is tier}
    assert shown == set()


def test_a_disclosure_shows_one_more_item_live_and_only_what_may_be_disclosed() -> None:
    assert disclosure.decide(TABLE, View.LIVE, "mappa_level", {"mappa_level"}).form is Form.FULL
    assert disclosure.decide(TABLE, View.LIVE, "victims", {"victims"}).form is Form.NEVER


@given(st.dictionaries(st.sampled_from(sorted(ITEMS)), st.text(min_size=1)))
def test_what_is_withheld_or_never_mentioned_changes_nothing_of_the_live_view(values: dict[str, str]) -> None:
    hidden = {
        item: {"value": value, "as_of": "2026-11-01"}
        for item, value in values.items()
        if disclosure.decide(TABLE, View.LIVE, item).form in {Form.NEVER, Form.WITHHELD}
    }
    answers: Any = hidden
    assert disclosure.live_view(TABLE, answers) == disclosure.live_view(TABLE, {})


@pytest.mark.parametrize(
    ("at", "stands"),
    [(NOON - HOUR / 60, False), (NOON, True), (NOON + HOUR, False)],
    ids=["before it was decided", "when it was decided", "when it expires"],
)
def test_a_disclosure_stands_from_its_decision_until_it_expires(at: datetime.datetime, stands: bool) -> None:
    one = {"item": "mappa_level", "decided_at": NOON, "expires_at": NOON + HOUR, "withdrawn_at": None}
    assert disclosure.standing([one], at) == ({"mappa_level"} if stands else set())


def test_a_withdrawn_disclosure_no_longer_stands() -> None:
    one = {"item": "mappa_level", "decided_at": NOON - HOUR, "expires_at": NOON + HOUR, "withdrawn_at": NOON}
    assert disclosure.standing([one], NOON) == set()


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ({"live": {"standard": {"full": ["nothing_such"]}}}, "there is no item nothing_such"),
        (
            {"live": {"standard": {"full": ["registers"]}}},
            "registers stands under standard, and its tier is risk_level",
        ),
        ({"live": {"victim": {"full": ["victims"]}}}, "live: victims is victim, which no table shows"),
        ({"disclosable": {"victim": ["victims"]}}, "disclosable: victims is victim, which nobody may disclose"),
    ],
)
def test_an_unsound_table_is_refused_naming_what_is_wrong(written: dict[str, Any], fault: str) -> None:
    assert fault in read_table(written, ITEMS)[1]
