"""What a provider could see at an instant, rebuilt: the same as what its workers were shown then, at every instant."""

import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.models.referrals import ReferralStep
from tests import make, rows
from tests.routes import traces
from tests.routes.callers import AsRole, Clock
from tests.routes.test_named_workers import limit, name
from tests.routes.test_provided_referrals import Provision, answer, provider, provision

__all__ = ["provider", "provision"]
LICENCE = [{"kind": "residence", "detail": "As told"}, {"kind": "curfew", "detail": "From nine"}]


@dataclass
class Watched:
    """What two workers of one organisation were shown, hour by hour, while things changed."""

    as_role: AsRole
    provision: Provision
    clock: Clock
    seen: list[tuple[datetime.datetime, dict[str, Any]]] = field(default_factory=list)

    @property
    def workers(self) -> tuple[str, str]:
        return self.provision.worker, f"colleague-{self.provision.crn}"

    async def look(self) -> None:
        """Keep what each worker is shown now, None where it is nothing; an hour passes before and after."""
        self.clock.advance(hours=1)
        shown: dict[str, Any] = {}
        for worker in self.workers:
            client = self.as_role(Role.PROVIDER, worker, self.provision.organisation)
            read, summary = [await client.get(f"{self.provision.address}{path}") for path in ("", "/summary")]
            assert read.status_code == summary.status_code
            if read.status_code == 200:
                shown[worker] = (read.json()["sections"], summary.json())
        self.seen.append((self.clock.now, shown))
        self.clock.advance(hours=1)

    async def administer(self, address: str, body: dict[str, Any]) -> None:
        done = await self.as_role(Role.ADMINISTRATOR).put(f"/v1/{address}", json=body)
        assert done.status_code == 200, done.text

    async def contract(self, *, prime: str | None = None, conditions: tuple[str, ...] = ()) -> None:
        """Replace the contract."""
        terms = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region"}
        members = {"prime": prime or self.provision.organisation, "conditions_needed": list(conditions)}
        dates = {"areas": ["london"], "starts_on": "2026-01-01"}
        await self.administer(f"contracts/contract-{self.provision.crn}", terms | members | dates)


@pytest.fixture
async def watched(as_role: AsRole, provision: Provision, clock: Clock, committing: Session) -> Watched:
    """Give two workers to watch, from now on: of before the first start nothing is kept."""
    await make.add_provider_worker(committing, f"colleague-{provision.crn}", provision.organisation)
    moved: dict[str, Any] = {"action": "receipt", "from_status": "submitted", "to_status": "received"}
    moved |= {"referral_id": provision.referral, "crn": provision.crn, "actor": "v.test", "role": "provider"}
    await rows.add(committing, ReferralStep(**moved, at=make.A_MONDAY))
    await committing.commit()
    clock.set(datetime.datetime.now(datetime.UTC))
    watched = Watched(as_role, provision, clock)
    await watched.administer(f"organisations/{provision.organisation}", {"name": "Homes"})
    await watched.contract(conditions=("residence",))
    return watched


async def view(watched: Watched, at: datetime.datetime, **query: str) -> dict[str, Any]:
    asked = {"at": at.isoformat(), "organisation": watched.provision.organisation} | query
    answered = await watched.as_role(Role.PRACTITIONER).get(
        f"/v1/cases/{watched.provision.crn}/access/view", params=asked
    )
    assert answered.status_code == 200, answered.text
    page: dict[str, Any] = answered.json()
    return page


async def expect_what_was_seen(watched: Watched) -> None:
    for at, shown in watched.seen:
        whole = await view(watched, at)
        assert {worker for one in whole["referrals"] for worker in one["seen_by"]} == set(shown), at
        assert whole["not_known"] == ["narrowed_tokens"]
        for worker in watched.workers:
            found = [(one["sections"], one["summary"]) for one in (await view(watched, at, worker=worker))["referrals"]]
            assert found == ([shown[worker]] if worker in shown else []), (at, worker)


async def test_the_view_of_every_instant_is_what_the_workers_were_shown_then(watched: Watched) -> None:
    as_role, provision = watched.as_role, watched.provision
    another, worker = f"another-{provision.crn}", provision.worker
    organisation, colleague = f"organisations/{provision.organisation}", watched.workers[1]
    acts: list[Callable[[], Awaitable[Any]]] = [
        lambda: answer(as_role, provision.crn, risk_overall_level="high", licence_conditions=LICENCE),
        lambda: disclose(watched, "mappa_level"),
        lambda: answer(as_role, provision.crn, mappa_level="level_2", risk_overall_level="medium"),
        lambda: watched.contract(conditions=("curfew",)),
        lambda: limit(as_role, provision, restricted=True),
        lambda: name(as_role, provision),
        lambda: limit(as_role, provision, restricted=True, excluded=[worker]),
        lambda: limit(as_role, provision, restricted=False, excluded=[worker]),
        lambda: limit(as_role, provision, restricted=False),
        lambda: name(as_role, provision, "DELETE"),
        lambda: withdraw_disclosures(watched),
        lambda: watched.administer(f"{organisation}/workers/{colleague}", {"name": colleague, "active": False}),
        lambda: watched.administer(f"{organisation}/workers/{colleague}", {"name": colleague}),
        lambda: watched.administer(f"organisations/{another}", {"name": another}),
        lambda: watched.contract(prime=another),
        watched.contract,
        lambda: watched.administer(organisation, {"name": "Homes", "active": False}),
        lambda: watched.administer(organisation, {"name": "Homes"}),
        lambda: answer(as_role, provision.crn, risk_overall_level=None),
        lambda: withdraw_referral(watched),
    ]
    await watched.look()
    for act in acts:
        await act()
        await watched.look()
    watched.clock.advance(days=27)
    await watched.look()
    watched.clock.advance(days=1)
    await watched.look()

    assert [len(shown) for _, shown in watched.seen] == [
        *(2, 2, 2, 2, 2, 0, 1, 0, 1, 2, 2),
        *(2, 1, 2, 2, 0, 2, 0, 2, 2, 2, 2, 0),
    ]
    await expect_what_was_seen(watched)


async def disclose(watched: Watched, item: str) -> None:
    last = (watched.clock.now + datetime.timedelta(days=20)).date().isoformat()
    body = {"organisation": watched.provision.organisation, "item": item, "gateway": "mappa_decision"}
    body |= {"reason": "The panel decided it.", "expires_on": last}
    address = f"/v1/referrals/{watched.provision.referral}/disclosures"
    made = await watched.as_role(Role.PRACTITIONER).post(address, json=body)
    assert made.status_code == 201, made.text


async def withdraw_disclosures(watched: Watched) -> None:
    address = f"/v1/referrals/{watched.provision.referral}/disclosures"
    practitioner = watched.as_role(Role.PRACTITIONER)
    for one in (await practitioner.get(address)).json()["items"]:
        await practitioner.post(f"{address}/{one['id']}/withdrawal")


async def withdraw_referral(watched: Watched) -> None:
    address = f"/v1/referrals/{watched.provision.referral}/withdrawal"
    body = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
    assert (await watched.as_role(Role.PRACTITIONER).post(address, json=body)).status_code == 200


async def test_of_before_anything_was_kept_it_says_what_is_not_known(watched: Watched) -> None:
    page = await view(watched, make.A_MONDAY)

    assert {"restriction", "organisation", "contract_conditions"} < set(page["not_known"])
    assert page["referrals"][0]["seen_by"] == sorted(watched.workers)


async def test_an_instant_still_to_come_is_refused_and_another_organisation_saw_nothing(watched: Watched) -> None:
    provision, practitioner = watched.provision, watched.as_role(Role.PRACTITIONER)
    address = f"/v1/cases/{provision.crn}/access/view"
    asked = {"at": (watched.clock.now + datetime.timedelta(seconds=1)).isoformat(), "organisation": "another"}

    refused = await practitioner.get(address, params=asked)
    elsewhere = await practitioner.get(address, params=asked | {"at": watched.clock.now.isoformat()})

    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/query/at"]
    assert elsewhere.json()["referrals"] == []


async def test_the_reading_is_on_the_record_and_is_for_those_who_see_the_case(
    watched: Watched, provider: AsyncClient, committing: Session
) -> None:
    provision = watched.provision
    await view(watched, watched.clock.now)
    asked = {"at": watched.clock.now.isoformat(), "organisation": provision.organisation}
    strangers = [provider, watched.as_role(Role.PRACTITIONER, worker=f"else-{provision.crn}")]
    answers = [await one.get(f"/v1/cases/{provision.crn}/access/view", params=asked) for one in strangers]

    (row,) = await traces.audit_of(committing, provision.crn, "read_provider_view")
    connection = await committing.connection()
    items = await connection.execute(text("SELECT items FROM audit_entry WHERE id = :id"), {"id": row["id"]})
    assert "risk_overall_level" in items.scalar_one()
    assert [one.status_code for one in answers] == [404, 404]
