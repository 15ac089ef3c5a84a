"""What is sent: one digest for one content, differences exactly where something else is said, masters kept back."""

import copy
import datetime
import json
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.definitions import AgeLimit, Catalogue
from service.domain.narratives import Variant
from service.domain.population import Draft, OwnAnswer, Populated, Recipient, Surroundings, populate
from service.domain.profiles import Answer
from service.domain.snapshots import Snapshot, differences, digest, snapshot
from tests.domain.catalogues import small_catalogue

TODAY = datetime.date(2026, 11, 23)
RECIPIENT = {"id": "there", "name": "Elm House", "organisation": "elm"}
MASTER = "MASTER: she lives at 12 Mill Lane"
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("[redacted]"),
    lambda inner: st.lists(inner, max_size=4),
)
QUESTION = st.fixed_dictionaries(
    {"answered": st.booleans(), "value": PLAIN}, optional={"wording": st.sampled_from(["redacted", "reworded"])}
)
# Few names, so that two contents often share some of their questions.
CONTENTS = st.dictionaries(st.sampled_from("abcdef"), QUESTION, max_size=5).map(
    lambda questions: {
        "sections": [{"questions": [{"id": name, "label": name, **said} for name, said in questions.items()]}]
    }
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "release_known": st.booleans(),
        "release_on": st.dates(TODAY, TODAY + datetime.timedelta(days=90)).map(datetime.date.isoformat),
        "risk": st.text(max_size=60),
        "council": st.text(max_size=20),
        "needs": st.lists(st.sampled_from(["mobility", "hearing"]), unique=True),
    },
)


@cache
def catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        return small_catalogue(Path(folder) / "catalogue")


def filled(pack: str, values: dict[str, Any], variant: Variant | None = None) -> Populated:
    answers = {
        item: Answer(
            value=value,
            source="practitioner",
            as_of="2026-11-20",
            recorded_by="p",
            recorded_at="2026-11-20T09:00:00",
            revision=1,
        )
        for item, value in values.items()
    }
    consent = OwnAnswer(value=True, recorded_by="p", recorded_at="2026-11-20T09:00:00", draft_revision=1)
    draft = Draft({"consent": consent}, {"risk": variant} if variant else {}, {}, Recipient("there"))
    surroundings = Surroundings(TODAY, dict.fromkeys(AgeLimit, "2026-05-23"), catalogue().items)
    return populate(catalogue().pack(pack), answers, draft, surroundings)


def taken(populated: Populated, checks: tuple[str, ...] = ()) -> Snapshot:
    return snapshot(populated, RECIPIENT, "X320741", TODAY, checks)


def shuffled(plain: Any, order: random.Random) -> Any:
    """Return the same content with the keys of every mapping in another order."""
    if isinstance(plain, dict):
        keys = list(plain)
        order.shuffle(keys)
        return {key: shuffled(plain[key], order) for key in keys}
    return [shuffled(value, order) for value in plain] if isinstance(plain, list) else plain


def said(content: Snapshot) -> dict[str, str]:
    """Return what a content says of each question, as canonical text; what is not answered says nothing."""
    return {
        question["id"]: "redacted" if question.get("wording") == "redacted" else json.dumps(question["value"])
        for section in content["sections"]
        for question in section["questions"]
        if question["answered"] and (question.get("wording") == "redacted" or question["value"] is not None)
    }


def redaction() -> Variant:
    return Variant(
        redacted_because="It names her.", recorded_by="q", recorded_at="2026-11-22T09:00:00", draft_revision=2
    )


def rewording(words: str) -> Variant:
    return Variant(text=words, recorded_by="q", recorded_at="2026-11-22T09:00:00", draft_revision=2)


@given(ANSWERS, st.sampled_from(["housing", "care"]), st.randoms(use_true_random=False))
def test_the_same_content_has_the_same_digest_whatever_the_order_of_its_keys(
    values: dict[str, Any], pack: str, order: random.Random
) -> None:
    content = taken(filled(pack, values))

    assert digest(shuffled(content, order)) == digest(content)
    assert digest(json.loads(json.dumps(content))) == digest(content)


@given(CONTENTS, CONTENTS)
def test_another_content_has_another_digest(one: Snapshot, other: Snapshot) -> None:
    # As text, because to Python True equals 1 and to a reader it does not.
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (digest(one) == digest(other)) is same


@given(CONTENTS, CONTENTS)
def test_there_are_differences_exactly_where_something_else_is_said(before: Snapshot, after: Snapshot) -> None:
    changed = {difference["question"] for difference in differences(before, after)}
    old, new = said(before), said(after)

    assert changed == {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


@given(CONTENTS, CONTENTS)
def test_differences_read_backwards_are_those_of_going_back(before: Snapshot, after: Snapshot) -> None:
    forth = {row["question"]: (row["before"], row["after"]) for row in differences(before, after)}
    back = {row["question"]: (row["after"], row["before"]) for row in differences(after, before)}

    assert forth == back


@given(ANSWERS, st.sampled_from(["housing", "care"]))
def test_applying_nothing_changes_nothing(values: dict[str, Any], pack: str) -> None:
    populated = filled(pack, values)
    before = copy.deepcopy(taken(populated))
    after = taken(populated)

    assert (after, digest(after), differences(before, after)) == (before, digest(before), [])
    assert taken(filled(pack, values)) == before


@given(ANSWERS, st.sampled_from(["housing", "care"]))
def test_the_master_of_a_redacted_narrative_is_nowhere_in_what_is_sent(values: dict[str, Any], pack: str) -> None:
    redacted = filled(pack, values | {"risk": MASTER}, redaction())

    sent = json.dumps(taken(redacted))
    assert "Mill Lane" not in sent
    assert "names her" not in sent


@given(st.text(max_size=60), ANSWERS)
def test_the_master_of_a_reworded_narrative_is_nowhere_in_what_is_sent(words: str, values: dict[str, Any]) -> None:
    content = taken(filled("care", values | {"risk": MASTER}, rewording(words)))

    assert "Mill Lane" not in json.dumps(content)
    assert [q["value"] for q in content["sections"][0]["questions"] if q["id"] == "risk"] == [words]


@pytest.mark.parametrize("checks", [(), ("domestic_abuse_check_outstanding",)])
def test_the_checks_it_was_sent_past_are_in_what_is_sent_by_code(checks: tuple[str, ...]) -> None:
    content = taken(filled("housing", {}), checks)

    assert content["checks_outstanding"] == list(checks)


@pytest.mark.parametrize("variant", [None, rewording("Less."), redaction()])
def test_rewording_or_keeping_back_makes_what_is_known_no_newer_and_nobody_else_s(variant: Variant | None) -> None:
    content = taken(filled("care", {"risk": MASTER}, variant))
    (risk,) = [q for section in content["sections"] for q in section["questions"] if q["id"] == "risk"]

    assert (risk["as_of"], risk["source"], risk["recorded_by"]) == ("2026-11-20", "practitioner", "p")
