"""The coded reasons are the recipients' real ones where those are known, and say so where they are ours."""

from pathlib import Path

import pytest

from service.catalogue.loading import catalogue
from service.catalogue.reasons import STATUSES, load_reasons, reasons
from service.domain.lifecycle import Action, Status
from service.errors import CatalogueInvalid

MINIMAL = """
housing:
  statuses:
{statuses}
  reasons:
    rejection: &any
      - source: Ours
        verified: false
        reasons: {{full: Full}}
    cancellation: *any
    outcome: *any
    reopening: *any
    withdrawal: *any
"""
WORDS = "\n".join(f"    {status}: {{label: Word, verified: true}}" for status in STATUSES)


def test_every_pack_of_the_catalogue_has_its_words_and_reasons() -> None:
    assert set(catalogue().pack_names) <= set(reasons().packs)


@pytest.mark.parametrize(
    ("pack", "action", "count"),
    [
        ("cas3", "rejection", 19),
        ("cas3", "cancellation", 15),
        ("cas3", "outcome", 10),
        ("approved_premises", "withdrawal", 6),
        ("approved_premises", "cancellation", 10),
        ("commissioned_services", "withdrawal", 13),
        ("duty_to_refer", "acceptance", 2),
        ("duty_to_refer", "rejection", 3),
        ("duty_to_refer", "withdrawal", 7),
    ],
)
def test_lists_that_are_known_are_whole_and_verified(pack: str, action: str, count: int) -> None:
    offered = reasons().packs[pack].offered(action)

    assert len(offered) == count
    assert all(reason.verified for reason in offered.values())


def test_reasons_of_our_own_say_that_nobody_has_checked_them() -> None:
    every = [
        reason for pack in reasons().packs.values() for offered in pack.actions.values() for reason in offered.values()
    ]

    assert not any(reason.verified for reason in every if reason.source.startswith("Ours"))
    assert all(reason.source and reason.label for reason in every)


def test_statuses_and_actions_are_those_of_the_life_cycle() -> None:
    assert set(STATUSES) == {str(status) for status in Status}
    assert {action for pack in reasons().packs.values() for action in pack.actions} <= {
        str(action) for action in Action
    }


def test_a_reason_is_put_in_the_packs_words_or_those_of_what_happened_to_the_person() -> None:
    assert reasons().label("cas3", "rejection", "too_early") == "The referral is too early"
    assert reasons().label("cas3", "person_event", "person_died") == "The person died"
    assert reasons().label("cas3", "rejection", "from_long_ago") == "From long ago"
    assert reasons().label("cas3", "receipt", None) is None


@pytest.mark.parametrize(
    ("wrong", "instead", "fault"),
    [
        (
            "reasons: {{full: Full}}",
            "reasons: {{full: {{label: Full, colour: red}}}}",
            "full.colour: there is no such key",
        ),
        ("reasons: {{full: Full}}", "reasons: {{full: {{only_from: [gone], label: F}}}}", "gone is not a status"),
        ("    withdrawal: *any\n", "", "housing.reasons.withdrawal: this is missing"),
        ("verified: false", "verify: false", "rejection.verified: this is missing"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path, wrong: str, instead: str, fault: str) -> None:
    path = tmp_path / "reasons.yaml"
    path.write_text(MINIMAL.replace(wrong, instead).format(statuses=WORDS))

    with pytest.raises(CatalogueInvalid) as refusal:
        load_reasons(path)

    assert any(line.startswith("reasons.yaml:") and fault in line for line in refusal.value.faults)


def test_a_reason_offered_twice_is_refused(tmp_path: Path) -> None:
    twice = "      - {{source: Theirs, verified: true, reasons: {{full: Full}}}}\n    cancellation: *any"
    path = tmp_path / "reasons.yaml"
    path.write_text(MINIMAL.replace("    cancellation: *any", twice, 1).format(statuses=WORDS))

    with pytest.raises(CatalogueInvalid, match="another block offers this reason"):
        load_reasons(path)
