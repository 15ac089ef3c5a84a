"""Residents of approved premises, and what may lead them to a next home: what tests of moving on start from."""

import datetime
import uuid
from dataclasses import replace

from hypothesis import strategies as st

from service.domain import stays
from service.domain.lifecycle import Status as Referred
from service.domain.move_on import PACKS, Home, HomeKind, HomeState, Referral, Resident
from service.domain.premises import Kind

TODAY = datetime.date(2026, 11, 23)


def day(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


def resident(arrived: int = 0, **known: object) -> Resident:
    """Return somebody who arrived in ordinary premises some days before today."""
    stay = stays.arrive(stays.expect(Kind.NORMAL, day(-arrived)), day(-arrived))
    return replace(Resident(stay), **known)  # type: ignore[arg-type]


def referral(status: Referred, pack: str = "cas3", since: int = -3, **known: object) -> Referral:
    return replace(Referral(uuid.uuid4(), pack, status, day(since)), **known)  # type: ignore[arg-type]


def home(state: HomeState, begins: int | None = None) -> Home:
    begins_on = day(begins) if begins is not None else None
    return Home(uuid.uuid4(), HomeKind.PRIVATE_RENTED, state, day(-2), begins_on)


REFERRALS = st.builds(
    referral, st.sampled_from(Referred), st.sampled_from(PACKS), st.integers(-80, 0), suspended=st.booleans()
)
HOMES = st.builds(home, st.sampled_from(HomeState), st.none() | st.integers(0, 120))
RESIDENTS = st.builds(
    resident,
    st.integers(0, 120),
    planned_on=st.none() | st.just(day(-1)),
    referrals=st.lists(REFERRALS, max_size=4),
    homes=st.lists(HOMES, max_size=3),
)
