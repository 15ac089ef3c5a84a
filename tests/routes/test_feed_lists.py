"""Must-not-receive lists and the feed: who comes to stand on one, or does no more, is told so, and nobody else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from tests import make
from tests.routes.amending import amendment, asking_one_question
from tests.routes.callers import AsRole, Clock
from tests.routes.test_feed_sight import Put, another, contract
from tests.routes.test_provided_referrals import Provision, provider, provision
from tests.routes.test_provider_changes import changes, told

__all__ = ["another", "contract", "provider", "provision"]
pytestmark = pytest.mark.usefixtures("clock", "one_question")
Told = tuple[str, list[str]]
REMOVED: Told = ("removed", [])
ADDED: Told = ("added", [])
MOVED: Told = ("referral", [])


@pytest.fixture
def one_question(app: FastAPI) -> Iterator[None]:
    with asking_one_question(app):
        yield


@pytest.fixture
async def colleague(as_role: AsRole, provision: Provision, committing: Session) -> AsyncClient:
    """Return a client for another worker of the prime's."""
    await make.add_provider_worker(committing, f"colleague-{provision.crn}", provision.organisation)
    await committing.commit()
    return as_role(Role.PROVIDER, f"colleague-{provision.crn}", provision.organisation)


async def listed(session: Session, provision: Provision, *names: str) -> None:
    """Put names on the referral's list, as they stood on it when it was sent."""
    own = {"must_not_receive": {"value": [{"name": name, "reason": "A relative."} for name in names]}}
    statement = text("UPDATE referral SET own = CAST(:own AS jsonb) WHERE id = :id")
    await (await session.connection()).execute(statement, {"own": json.dumps(own), "id": provision.referral})
    await session.commit()


async def amend(as_role: AsRole, provision: Provision, *names: str) -> Response:
    rows = [{"name": name, "reason": "A relative."} for name in names]
    path, body = f"/v1/referrals/{provision.referral}/amendments", amendment(must_not_receive=rows)
    return await as_role(Role.PRACTITIONER).post(path, json=body)


async def read(client: AsyncClient, provision: Provision, place: str) -> tuple[int, list[Any], str]:
    """Return whether the referral can be read, and what the feed tells of it."""
    entries, following = await changes(client, place)
    return (await client.get(provision.address)).status_code, told(entries), following


async def test_a_listed_organisation_that_joins_the_contract_is_told_only_once_it_is_off_the_list(
    provider: AsyncClient,
    another: AsyncClient,
    provision: Provision,
    as_role: AsRole,
    contract: Put,
    committing: Session,
) -> None:
    await listed(committing, provision, f"Another-{provision.crn} ")
    theirs, place = (await changes(another, None))[1], (await changes(provider, None))[1]
    await contract(provision.organisation, f"another-{provision.crn}")
    while_listed = await read(another, provision, theirs)
    amended = await amend(as_role, provision)

    assert amended.status_code == 201, amended.text
    assert while_listed[:2] == (404, [])
    assert (await read(another, provision, theirs))[:2] == (200, [ADDED])
    assert (await read(provider, provision, place))[:2] == (200, [MOVED])


async def test_an_organisation_that_takes_a_listed_name_loses_sight_until_it_has_another(
    another: AsyncClient, provision: Provision, as_role: AsRole, contract: Put, committing: Session
) -> None:
    organisation = f"another-{provision.crn}"
    await contract(provision.organisation, organisation)
    await listed(committing, provision, "Harbour Homes")
    place, seen = (await changes(another, None))[1], []
    for name in ("Harbour  homes", "Harbour homes", organisation):
        body = {"name": name}
        await as_role(Role.ADMINISTRATOR).put(f"/v1/organisations/{organisation}", json=body)
        status, entries, place = await read(another, provision, place)
        seen.append((status, entries))

    assert seen == [(404, [REMOVED]), (404, []), (200, [ADDED])]


async def test_a_worker_who_is_put_on_the_list_is_told_alone_and_again_when_they_are_off_it(
    provider: AsyncClient, colleague: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    place, theirs = (await changes(provider, None))[1], (await changes(colleague, None))[1]
    seen, heard = [], []
    for names in ([provision.worker], []):
        assert (await amend(as_role, provision, *names)).status_code == 201
        status, entries, place = await read(provider, provision, place)
        seen.append((status, entries))
        status, entries, theirs = await read(colleague, provision, theirs)
        heard.append((status, entries))

    assert seen == [(404, [REMOVED]), (200, [ADDED])]
    assert heard == [(200, [MOVED]), (200, [MOVED])]


@pytest.mark.parametrize("suspended_first", [False, True])
async def test_a_worker_registered_under_a_listed_name_is_told_alone(
    provider: AsyncClient,
    colleague: AsyncClient,
    provision: Provision,
    as_role: AsRole,
    committing: Session,
    clock: Clock,
    *,
    suspended_first: bool,
) -> None:
    await listed(committing, provision, "Kim Ash")
    place, theirs = (await changes(provider, None))[1], (await changes(colleague, None))[1]
    seen = []

    async def register(name: str, *, active: bool = True) -> None:
        path = f"/v1/organisations/{provision.organisation}/workers/{provision.worker}"
        body = {"name": name, "active": active}
        done = await as_role(Role.ADMINISTRATOR).put(path, json=body)
        assert done.status_code == 200, done.text

    for name in ("Kim Ash", "Kim Birch"):
        clock.advance(minutes=1)
        if suspended_first:
            await register(provision.worker, active=False)
        await register(name)
        status, entries, place = await read(provider, provision, place)
        seen.append((status, entries))

    assert seen == [(404, [REMOVED]), (200, [ADDED])]
    assert told((await changes(colleague, theirs))[0]) == []
