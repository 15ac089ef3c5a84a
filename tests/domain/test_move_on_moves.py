"""Whose move is next for a resident, since when, and what it waits for."""

import pytest
from hypothesis import given

from service.domain.lifecycle import Status as Referred
from service.domain.move_on import HomeState, Resident, next_home_of
from service.domain.move_on_moves import Block, Move, Mover, move_of
from tests.domain.moving import RESIDENTS, day, home, referral, resident


@pytest.mark.parametrize(
    ("one", "mover", "since", "block"),
    [
        (resident(3), Mover.PREMISES, -3, Block.NO_PLAN),
        (resident(9, planned_on=day(-4)), Mover.PRACTITIONER, -4, Block.NOTHING_REFERRED),
        (resident(9, referrals=[referral(Referred.DRAFT)]), Mover.PRACTITIONER, -3, Block.DRAFT_NOT_SENT),
        (
            resident(9, referrals=[referral(Referred.DRAFT, held_by_premises=True, passed_on=day(-1))]),
            *(Mover.PREMISES, -1, Block.DRAFT_NOT_SENT),
        ),
        (resident(9, referrals=[referral(Referred.SUBMITTED)]), Mover.RECIPIENT, -3, Block.NOT_RECEIVED),
        (
            resident(9, referrals=[referral(Referred.QUERY, asked_on=day(-2))]),
            *(Mover.PRACTITIONER, -2, Block.QUERY_TO_ANSWER),
        ),
        (
            resident(9, referrals=[referral(Referred.RECEIVED, since=-8), referral(Referred.DRAFT, since=-1)]),
            *(Mover.PRACTITIONER, -1, Block.DRAFT_NOT_SENT),
        ),
        (
            resident(9, referrals=[referral(Referred.REJECTED, since=-8), referral(Referred.RECEIVED, since=-1)]),
            *(Mover.RECIPIENT, -1, Block.NOT_DECIDED),
        ),
        (resident(9, referrals=[referral(Referred.REJECTED)]), Mover.PRACTITIONER, -3, Block.REJECTED),
        (
            resident(9, referrals=[referral(Referred.ACCEPTED, suspended=True)]),
            *(Mover.PRACTITIONER, -3, Block.SUSPENDED_BY_RECALL),
        ),
        (resident(9, homes=[home(HomeState.OFFERED)]), Mover.PREMISES, -2, Block.HOME_TO_CONFIRM),
        (resident(9, homes=[home(HomeState.CONFIRMED)]), Mover.PERSON, None, None),
    ],
)
def test_whose_move_it_is_and_since_when(one: Resident, mover: Mover, since: int | None, block: Block | None) -> None:
    since_on = day(since) if since is not None else None

    assert move_of(one) == Move(mover, since_on, block)


@given(RESIDENTS)
def test_somebody_in_residence_with_nothing_confirmed_always_waits_for_somebody(one: Resident) -> None:
    if next_home_of(one) is None:
        assert move_of(one).mover in {Mover.PRACTITIONER, Mover.PREMISES, Mover.RECIPIENT}
