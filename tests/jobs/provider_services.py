"""The service as the people of such a world use it: their acts over its routes, and what its reads then show."""

import asyncio
import datetime
import itertools
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import text

from service.access import tokens
from service.access.callers import Caller, Role
from service.access.records import AccessRecord
from service.access.tokens import Bearer
from service.app import create_app
from service.catalogue.disclosures import disclosure_table
from service.domain.disclosure import live_view
from service.operations import provider_changes, signing_keys
from service.operations.actors import Actor
from service.operations.provided_referrals import find_beside, relevant
from service.settings import Settings
from service.store import provider_changes as changes
from service.store.sessions import driver_connection
from tests import make
from tests.clusters import DatabaseUrls
from tests.jobs.provider_worlds import AS_OF, ORGANISATIONS, PEOPLE, REFERRALS, WORKERS, Act, Entry, View
from tests.routes.callers import A_MONDAY, Clock, FreshTokens

PRACTITIONER = "p.test"
NUMBERS = itertools.count(1)
MORE_THAN_THERE_IS = 10_000


ROWS = text(
    """
    SELECT (SELECT jsonb_object_agg(crn, answers) FROM profile WHERE crn = ANY(:crns)) AS answers,
           (SELECT jsonb_object_agg(crn, restricted) FROM case_record WHERE crn = ANY(:crns)) AS restricted,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('crn', crn, 'worker', worker_id)), '[]') FROM limited_access
            WHERE crn = ANY(:crns) AND kind = 'excluded') AS excluded,
           ARRAY(SELECT organisation_id FROM contract_member
                 WHERE contract_id = :contract AND ended_at IS NULL) AS members,
           (SELECT COALESCE(needs -> 'conditions', '[]') FROM contract WHERE id = :contract) AS needs,
           ARRAY(SELECT id FROM organisation WHERE id = ANY(:names) AND active) AS active,
           ARRAY(SELECT worker_id FROM provider_worker WHERE worker_id = ANY(:names) AND ended_at IS NULL) AS at_work,
           (SELECT jsonb_agg(to_jsonb(r)) FROM referral r WHERE crn = ANY(:crns)) AS referrals,
           (SELECT COALESCE(jsonb_object_agg(id, withdrawn_at IS NOT NULL), '{}') FROM disclosure
            WHERE crn = ANY(:crns)) AS disclosed
    """
)


def _stands(row: Mapping[str, Any]) -> tuple[Any, ...]:
    since = datetime.datetime.fromisoformat(row["status_since"])
    return row["status"], since, row["received_version"], row["revision"]


@dataclass
class Place:
    """One world's rows: the ids under which its people, referrals and organisations are known to the service."""

    number: int = field(default_factory=lambda: next(NUMBERS))
    referrals: list[uuid.UUID] = field(default_factory=list)

    def crn(self, person: str) -> str:
        """Return a person's case reference number."""
        return f"F{self.number * len(PEOPLE) + PEOPLE.index(person):06d}"

    def named(self, name: str) -> str:
        """Return an organisation's or a worker's id, or the contract's."""
        return f"{name}-{self.number}"

    def number_of(self, referral: uuid.UUID) -> int:
        """Return which of the world's referrals this is."""
        return self.referrals.index(referral)


@dataclass
class Service:
    """The service, its clock, and clients for those who act."""

    app: FastAPI
    clock: Clock
    clients: dict[Role, AsyncClient]
    bearers: dict[str, AsyncClient] = field(default_factory=dict)

    async def open_world(self) -> Place:
        """Commit a world as it is at first; what was sent is in everybody's sight before the feed begins."""
        place = Place()
        self.clock.set(A_MONDAY)
        async with self.app.state.sessions() as session:
            contract = place.named("contract")
            await make.add_contract(session, contract, place.named("prime"), [place.named("sub")])
            await make.add_contract(session, place.named("elsewhere"), place.named("third"))
            for worker, organisation in WORKERS.items():
                await make.add_provider_worker(session, place.named(worker), place.named(organisation))
            for person in PEOPLE:
                await make.open_case(session, place.crn(person), PRACTITIONER)
            for number, (person, status) in enumerate(REFERRALS):
                sent: dict[str, Any] = {"recipient_id": contract, "second_number": number}
                crn = place.crn(person)
                place.referrals.append(
                    await make.add_sent_referral(session, crn, "commissioned_services", status, **sent)
                )
            await session.commit()
        return place

    async def act(self, place: Place, act: Act) -> Response:
        """Do something, as whoever may do it."""
        answer: Response = await getattr(self, f"_{act.name}")(place, **act.about)
        return answer

    async def tell_of_ends(self, now: datetime.datetime) -> None:
        """Do what the job does every minute, as two processes would at once."""

        async def once() -> None:
            async with self.app.state.sessions() as session:
                await provider_changes.tell_of_ends(session, now)
                await session.commit()

        await asyncio.gather(once(), once())

    async def view_of(self, place: Place, worker: str) -> View:
        """Return what a worker is shown of everything there is."""
        caller, view, now = self._caller(place, worker), {}, self.clock.now
        catalogue = self.app.state.catalogue
        async with self.app.state.sessions() as session:
            for number, referral in enumerate(place.referrals):
                if (row := await find_beside(session, referral, catalogue, caller, now)) is not None:
                    answers = relevant(row["answers"], row["conditions_needed"])
                    stands = (row["status"], row["status_since"], row["received_version"], row["revision"])
                    live = live_view(disclosure_table(), answers, row["disclosed"])
                    view[number] = {"stands": stands, "live": live}
        return view

    async def feed_of(self, place: Place, worker: str, after: int = 0) -> list[Entry]:
        """Return what a worker is served of their organisation's feed."""
        caller = self._caller(place, worker)
        known, record = self.app.state, AccessRecord("list_provider_changes")
        actor = Actor(caller, self.clock.now, None, record, known.catalogue, known.ages, known.thresholds)
        async with self.app.state.sessions() as session:
            rows, _ = await provider_changes.changes_after(session, after, MORE_THAN_THERE_IS, actor.now, actor)
        return [(place.number_of(row["referral_id"]), row["kind"], tuple(row["items"])) for row in rows]

    async def mark_of(self, place: Place, organisation: str) -> int:
        """Return how far an organisation's feed has come."""
        async with self.app.state.sessions() as session:
            worker = next(worker for worker, one in WORKERS.items() if one == organisation)
            found = await changes.page(session, self._caller(place, worker), None, 0, self.clock.now)
        return found.last

    async def written(self, place: Place) -> dict[str, list[Entry]]:
        """Return every entry there is, served or not, by organisation."""
        written: dict[str, list[Entry]] = {organisation: [] for organisation in ORGANISATIONS}
        by_id = {place.named(organisation): organisation for organisation in ORGANISATIONS}
        statement = text(
            "SELECT organisation_id, referral_id, kind, items FROM feed_entry "
            "WHERE organisation_id = ANY(:ids) ORDER BY organisation_id, number"
        )
        async with self.app.state.sessions() as session:
            for row in await (await session.connection()).execute(statement, {"ids": list(by_id)}):
                entry = (place.number_of(row.referral_id), row.kind, tuple(row.items))
                written[by_id[row.organisation_id]].append(entry)
        return written

    async def rows(self, place: Place) -> dict[str, Any]:
        """Return everything of a world as it is stored, so that two acts at once can be put in their order."""
        crns = {place.crn(person): person for person in PEOPLE}
        named = {place.named(name): name for name in (*ORGANISATIONS, *WORKERS)}
        known = {"crns": list(crns), "names": list(named), "contract": place.named("contract")}
        async with self.app.state.sessions() as session:
            found = (await (await session.connection()).execute(ROWS, known)).mappings().one()
        moved = {place.number_of(uuid.UUID(row["id"])): row for row in found["referrals"]}
        return {
            "answers": {
                crns[crn]: {item: one["value"] for item, one in said.items()} for crn, said in found["answers"].items()
            },
            "restricted": {crns[crn]: restricted for crn, restricted in found["restricted"].items()},
            "excluded": {
                person: frozenset(named[row["worker"]] for row in found["excluded"] if row["crn"] == crn)
                for crn, person in crns.items()
            },
            "members": frozenset(named[one] for one in found["members"]),
            "needs": tuple(found["needs"]),
            "active": frozenset(named[one] for one in found["active"]),
            "at work": frozenset(named[one] for one in found["at_work"]),
            "referrals": {number: _stands(row) for number, row in moved.items()},
            "disclosed": found["disclosed"],
        }

    def _caller(self, place: Place, worker: str) -> Caller:
        return Caller(place.named(worker), Role.PROVIDER, "tests", place.named(WORKERS[worker]))

    async def _edit(self, place: Place, person: str, item: str, value: Any) -> Response:
        answers = {item: {"value": value, "as_of": AS_OF}}
        return await self.clients[Role.PRACTITIONER].patch(
            f"/v1/cases/{place.crn(person)}/profile", json={"answers": answers}, headers={"If-Match": "*"}
        )

    async def _disclose(self, place: Place, referral: int, organisation: str, item: str, days: int) -> Response:
        gateway = "mappa_decision" if item.startswith("mappa") else "consent"
        body = {"organisation": place.named(organisation), "item": item, "gateway": gateway, "reason": "They agreed."}
        body["expires_on"] = (self.clock.now.date() + datetime.timedelta(days=days)).isoformat()
        path = f"/v1/referrals/{place.referrals[referral]}/disclosures"
        return await self.clients[Role.PRACTITIONER].post(path, json=body)

    async def _withdraw_disclosure(self, place: Place, number: int) -> Response:
        practitioner, listed = self.clients[Role.PRACTITIONER], []
        for referral in place.referrals:
            answer = await practitioner.get(f"/v1/referrals/{referral}/disclosures")
            listed += answer.json().get("items", ())
        if not listed:
            return Response(404)
        one = listed[number % len(listed)]
        return await practitioner.post(f"/v1/referrals/{one['referral_id']}/disclosures/{one['id']}/withdrawal")

    async def _put_contract(self, place: Place, prime: str, subs: tuple[str, ...], needs: tuple[str, ...]) -> Response:
        body = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region"}
        body |= {"areas": ["london"], "starts_on": "2026-01-01", "prime": place.named(prime)}
        body |= {"subcontractors": [place.named(one) for one in subs], "conditions_needed": list(needs)}
        return await self.clients[Role.ADMINISTRATOR].put(f"/v1/contracts/{place.named('contract')}", json=body)

    async def _put_organisation(self, place: Place, organisation: str, active: bool) -> Response:
        body = {"name": organisation, "active": active}
        return await self.clients[Role.ADMINISTRATOR].put(f"/v1/organisations/{place.named(organisation)}", json=body)

    async def _put_worker(self, place: Place, worker: str, active: bool) -> Response:
        path = f"/v1/organisations/{place.named(WORKERS[worker])}/workers/{place.named(worker)}"
        return await self.clients[Role.ADMINISTRATOR].put(path, json={"name": worker, "active": active})

    async def _limit_access(self, place: Place, person: str, restricted: bool, excluded: tuple[str, ...]) -> Response:
        body = {"restricted": restricted, "allowed": [PRACTITIONER], "excluded": [place.named(one) for one in excluded]}
        return await self.clients[Role.RECORD_SYSTEM].put(f"/v1/cases/{place.crn(person)}/limited-access", json=body)

    async def _move(self, place: Place, referral: int, action: str) -> Response:
        today = self.clock.now.date().isoformat()
        bodies: Mapping[str, Any] = {
            "receipt": {"version": 1},
            "rejection": {"reason": "no_capacity"},
            "scheduling": {"scheduled_on": today},
            "start": {"started_on": today},
            "outcome": {"reason": "completed"},
            "withdrawal": {"reason": "need_met_elsewhere", "note": "Elsewhere."},
            "reopening": {"reason": "new_information", "note": "There is room."},
        }
        path, by_sender = f"/referrals/{place.referrals[referral]}/{action}", action in {"withdrawal", "reopening"}
        client = self.clients[Role.PRACTITIONER] if by_sender else self._provider(place)
        return await client.post(f"/v1{path}" if by_sender else f"/v1/provider{path}", json=bodies.get(action, {}))

    async def _recall(self, place: Place, person: str) -> Response:
        body = {"kind": "recall_fixed_term", "happened_on": self.clock.now.date().isoformat()}
        return await self.clients[Role.PRACTITIONER].post(f"/v1/cases/{place.crn(person)}/events", json=body)

    async def _hand_over(self, place: Place, person: str) -> Response:
        body = {"kind": "transfer", "happened_on": self.clock.now.date().isoformat()}
        body |= {"region": "london", "worker_id": PRACTITIONER}
        return await self.clients[Role.PRACTITIONER].post(f"/v1/cases/{place.crn(person)}/events", json=body)

    def _provider(self, place: Place) -> AsyncClient:
        name = place.named("prime-1")
        if name not in self.bearers:
            self.bearers[name] = self.open_client(Bearer(name, Role.PROVIDER, "tests", place.named("prime")))
        return self.bearers[name]

    def open_client(self, bearer: Bearer) -> AsyncClient:
        """Open a client whose tokens are signed as they are needed."""
        app, settings = self.app, self.app.state.settings
        named = {"issuer": settings.address, "audience": settings.audience}
        fresh = FreshTokens(lambda: tokens.sign(app.state.tests_key, bearer, now=self.clock.now, **named))
        return AsyncClient(transport=ASGITransport(app=app), base_url=settings.address, auth=fresh)


@asynccontextmanager
async def serving(urls: DatabaseUrls) -> AsyncIterator[Service]:
    """Start the service on a database of its own, with somebody to act in each role."""
    clock = Clock()
    app = create_app(Settings(environment="development", database_url=SecretStr(urls.application)), clock)
    async with app.router.lifespan_context(app):
        async with app.state.sessions() as session:
            app.state.tests_key = await signing_keys.signing_key(await driver_connection(session), A_MONDAY)
            await make.add_worker(session, PRACTITIONER, "tests")
            await session.commit()
        service = Service(app, clock, {})
        for role in (Role.PRACTITIONER, Role.ADMINISTRATOR, Role.RECORD_SYSTEM):
            service.clients[role] = service.open_client(Bearer(f"{role[0]}.test", role, "tests"))
        yield service
