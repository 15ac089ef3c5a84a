"""What an organisation's workers are told where who may see a referral changes, and what tells of more risk."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.provider_changes import Sight, changes_of_sight, raises_risk, sight

WORKERS = ("ann", "bob", "cal")
SOME = st.frozensets(st.sampled_from(WORKERS))


@st.composite
def sights(draw: st.DrawFn) -> tuple[Sight, frozenset[str]]:
    """Give a sight, and the workers who have it as one would count them one by one."""
    restricted, named, kept = draw(st.booleans()), draw(SOME), draw(SOME)
    sees = {worker for worker in WORKERS if worker not in kept and (not restricted or worker in named)}
    return sight(restricted=restricted, named=named, kept=kept), frozenset(sees)


def _is_in(worker: str, whose: Sight) -> bool:
    return (worker in whose.listed) is not whose.all_but


@given(before=sights(), after=sights())
def test_each_worker_is_told_exactly_once_of_what_changed_for_them(
    before: tuple[Sight, frozenset[str]], after: tuple[Sight, frozenset[str]]
) -> None:
    told = changes_of_sight(before[0], after[0])
    for worker in WORKERS:
        saw, sees = worker in before[1], worker in after[1]
        heard = [kind for kind, whose in told if _is_in(worker, whose)]
        assert heard == ([] if saw is sees else ["added"] if sees else ["removed"]), worker
        assert _is_in(worker, before[0] & after[0]) is (saw and sees), worker


@pytest.mark.parametrize(
    ("before", "after", "rises"),
    [
        (None, True, True),
        (True, True, False),
        (True, False, False),
        ("low", "medium", True),
        ("very_high", "high", False),
        (None, "low", True),
        (["visor"], ["visor", "mappa"], True),
        (["visor", "mappa"], ["visor"], False),
        (["visor"], ["none"], False),
        ([{"kind": "curfew"}], [], False),
        ([], [{"kind": "curfew"}], False),
        ("high", None, False),
    ],
)
def test_more_risk_is_a_higher_level_a_yes_or_one_more_register(before: Any, after: Any, *, rises: bool) -> None:
    assert raises_risk({"item": {"value": before}}, {"item": {"value": after}}, ["item"]) is rises
