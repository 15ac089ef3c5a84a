"""What a provider is told of: every item they may read, whatever it becomes, and no item that they may not.

The reads and the feed must not disagree: a flag that is shown and raises no entry is silence, and an entry about
something that is not shown tells that it is there. Generated from the catalogue and `disclosure.yaml`.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from service.access.callers import Role
from service.catalogue.checks.samples import samples
from service.catalogue.loading import catalogue
from tests import make
from tests.contract.test_canaries import SHOWN_LIVE, items_in
from tests.routes.callers import AsRole

ITEMS = catalogue().items
IN_PROFILE = {name for name, item in ITEMS.items() if item.reuse.shared}
PERSON, PRACTITIONER, ORGANISATION, WORKER = "N000001", "p.told", "org-told", "v.told"
# Each flag and each level there is: what safety hangs on.
FLAGS = [("registers", code) for code in ITEMS["registers"].value.options]
FLAGS += [("risk_to_self_concerns", code) for code in ITEMS["risk_to_self_concerns"].value.options]
LEVELS = sorted(item for item in SHOWN_LIVE if item.startswith("risk_") and item.endswith("_level"))
CONDITION = ITEMS["licence_conditions"].value.of
KINDS = list(CONDITION.fields["kind"].options) if CONDITION is not None else []
# That nobody knows any more is a reason to look, as a new concern is.
NO_CONCERN = {"none"}


@pytest.fixture(scope="module")
async def told_person(app: FastAPI) -> None:
    """Commit a person referred to a provider, about whom nothing is known yet."""
    async with app.state.sessions() as session:
        await make.add_contract(session, "contract-told", ORGANISATION, needs={"conditions": KINDS})
        await make.add_provider_worker(session, WORKER, ORGANISATION)
        await make.open_case(session, PERSON, PRACTITIONER)
        await make.add_sent_referral(session, PERSON, "commissioned_services", "received", recipient_id="contract-told")
        await session.commit()


class Following:
    """A practitioner who writes down what is known, and a provider who reads of it in the feed."""

    def __init__(self, practitioner: AsyncClient, provider: AsyncClient) -> None:
        self.practitioner, self.provider = practitioner, provider
        self.place = ""

    async def begin(self) -> None:
        self.place = (await self.provider.get("/v1/provider/changes")).json()["next"]

    async def told_of(self, item: str, value: Any) -> list[tuple[list[str], bool]]:
        """Return what the feed tells of an answer: the items shown otherwise, and whether it says risk was raised."""
        body = {"answers": {item: {"value": value}}}
        saved = await self.practitioner.patch(f"/v1/cases/{PERSON}/profile", json=body, headers={"If-Match": "*"})
        assert saved.status_code == 200, (item, value, saved.text)
        page = (await self.provider.get("/v1/provider/changes", params={"after": self.place})).json()
        self.place = page["next"]
        return [(one["data"]["items"], one["data"]["risk_raised"]) for one in page["items"]]


@pytest.fixture
async def following(told_person: None, as_role: AsRole) -> Following:
    follows = Following(as_role("practitioner", PRACTITIONER), as_role(Role.PROVIDER, WORKER, ORGANISATION))
    await follows.begin()
    return follows


def an_answer(item: str) -> Any:
    return next(sample for sample in samples(ITEMS[item].value) if sample not in ([], {}))


async def test_exactly_the_items_a_provider_may_read_are_told_of(following: Following) -> None:
    silent, leaking = set(), {}
    for item in IN_PROFILE:
        await following.told_of(item, None)
        entries = await following.told_of(item, an_answer(item))
        if item in SHOWN_LIVE and [items for items, _ in entries] != [[item]]:
            silent.add(item)
        if item not in SHOWN_LIVE and entries:
            leaking[item] = entries

    assert SHOWN_LIVE <= IN_PROFILE
    assert silent == set()
    assert leaking == {}


@pytest.mark.parametrize(("item", "code"), FLAGS)
async def test_every_flag_there_is_is_told_when_it_is_set_and_says_so_where_it_raises_the_risk(
    following: Following, item: str, code: str
) -> None:
    await following.told_of(item, None)

    assert await following.told_of(item, [code]) == [([item], code not in NO_CONCERN)]
    assert await following.told_of(item, None) == [([item], False)]


def steps_between_levels() -> Iterator[tuple[str, str, str]]:
    codes = list(ITEMS["risk_overall_level"].value.options)
    return ((item, *two) for item in LEVELS for two in itertools.permutations(codes, 2))


async def test_every_step_between_levels_is_told_and_those_upwards_as_raised(following: Following) -> None:
    codes, wrong = list(ITEMS["risk_overall_level"].value.options), {}
    by_place = items_in("live", "level")
    for item, before, after in steps_between_levels():
        values = [{"community": level} if item in by_place else level for level in (before, after)]
        await following.told_of(item, None)
        await following.told_of(item, values[0])
        told = await following.told_of(item, values[1])
        if told != [([item], codes.index(after) > codes.index(before))]:
            wrong[item, before, after] = told

    assert wrong == {}
    assert len(LEVELS) == 5
