"""How long a look into a case lasts, and who may see a case made of two."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.cases import AccessLists, expiry_of_opening, lists_of_both

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
names = st.frozensets(st.sampled_from(["ann", "bob", "cal"]))
lists = st.builds(AccessLists, st.booleans(), names, names)


def sees(one: AccessLists, who: str) -> bool:
    return who not in one.excluded and (not one.restricted or who in one.allowed)


@pytest.mark.parametrize(("kind", "hours"), [("reason", 24), ("break_glass", 12)])
def test_an_opening_lasts_its_hours(kind: str, hours: int) -> None:
    assert expiry_of_opening(kind, NOW) == NOW + datetime.timedelta(hours=hours)


@given(staying=lists, moving=lists)
def test_a_case_made_of_two_is_seen_by_nobody_who_was_kept_from_either(
    staying: AccessLists, moving: AccessLists
) -> None:
    both = lists_of_both(staying, moving)

    for who in ("ann", "bob", "cal", "dee"):
        assert sees(both, who) == (sees(staying, who) and sees(moving, who))
