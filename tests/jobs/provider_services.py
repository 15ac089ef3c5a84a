"""The service as the people of such a world use it: clients for their acts, and what its reads then show."""

import asyncio
import datetime
import itertools
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from service.access import tokens
from service.access.callers import Caller, Role
from service.access.records import AccessRecord
from service.access.tokens import Bearer
from service.app import create_app
from service.catalogue.disclosures import disclosure_table
from service.domain.disclosure import live_view
from service.operations import provider_changes, signing_keys, tellings
from service.operations.actors import Actor
from service.operations.provided_referrals import find_beside
from service.settings import Settings
from service.store import provider_changes as changes
from service.store.referrals import find_referral
from tests import make
from tests.clusters import DatabaseUrls
from tests.jobs.provider_worlds import KIM, ORGANISATIONS, PEOPLE, REFERRALS, WORKERS, Entry, View
from tests.routes.amending import asking_one_question
from tests.routes.callers import A_MONDAY, Clock, FreshTokens

PRACTITIONER = "p.test"
NUMBERS = itertools.count(1)
MORE_THAN_THERE_IS = 10_000


ROWS = text(
    """
    SELECT (SELECT jsonb_object_agg(crn, answers) FROM profile WHERE crn = ANY(:crns)) AS answers,
           (SELECT jsonb_object_agg(crn, restricted) FROM case_record WHERE crn = ANY(:crns)) AS restricted,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('of', crn, 'one', worker_id)), '[]') FROM limited_access
            WHERE crn = ANY(:crns) AND kind = 'excluded') AS excluded,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('of', referral_id, 'one', worker_id)), '[]') FROM named_worker
            WHERE referral_id = ANY(:referrals) AND withdrawn_at IS NULL) AS named,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object('of', id, 'one', lower(row ->> 'name'))), '[]') FROM referral,
                   jsonb_array_elements(own #> '{must_not_receive,value}') AS row
            WHERE id = ANY(:referrals)) AS listed,
           ARRAY(SELECT organisation_id FROM contract_member
                 WHERE contract_id = :contract AND ended_at IS NULL) AS members,
           (SELECT COALESCE(needs -> 'conditions', '[]') FROM contract WHERE id = :contract) AS needs,
           ARRAY(SELECT id FROM organisation WHERE id = ANY(:names) AND active) AS active,
           ARRAY(SELECT worker_id FROM provider_worker WHERE worker_id = ANY(:names) AND ended_at IS NULL) AS at_work,
           (SELECT jsonb_object_agg(id, name) FROM (
                SELECT id, name FROM organisation WHERE id = ANY(:names)
                UNION ALL
                (SELECT DISTINCT ON (worker_id) worker_id, name FROM provider_worker WHERE worker_id = ANY(:names)
                 ORDER BY worker_id, ended_at DESC NULLS FIRST, started_at DESC)) AS every) AS registered_as,
           (SELECT jsonb_object_agg(id, to_jsonb(r) || jsonb_build_object('concerns', (
                SELECT count(*) FROM provision_note n WHERE n.referral_id = r.id)))
            FROM referral r WHERE id = ANY(:referrals)) AS referrals,
           (SELECT COALESCE(jsonb_object_agg(id, withdrawn_at IS NOT NULL), '{}') FROM disclosure
            WHERE referral_id = ANY(:referrals)) AS disclosed
    """
)
CONCERNS = text("SELECT count(*) FROM provision_note WHERE referral_id = :referral")


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

    def back(self, known: str) -> Any:
        """Return what has an id in the world: a person, a referral's number, or somebody's name."""
        names = {self.crn(person): person for person in PEOPLE}
        names |= {str(referral): number for number, referral in enumerate(self.referrals)}  # type: ignore[misc]
        names |= {self.named(name): name for name in (*ORGANISATIONS, *WORKERS)} | {KIM.lower(): KIM}
        return names.get(known, known)

    def grouped(self, rows: list[Mapping[str, str]], of: Iterable[Any]) -> dict[Any, frozenset[str]]:
        """Return who stands beside whom."""
        return {each: frozenset(self.back(row["one"]) for row in rows if self.back(row["of"]) == each) for each in of}

    def told(self, organisation: str, only_for: list[str] | None, not_for: list[str] | None) -> list[str]:
        """Return the workers an entry is for."""
        return [
            worker
            for worker, theirs in WORKERS.items()
            if self.named(theirs) == organisation
            and (only_for is None or self.named(worker) in only_for)
            and self.named(worker) not in (not_for or ())
        ]

    def stands(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return how a referral stands, as the world has it."""
        since = row["status_since"]
        since = datetime.datetime.fromisoformat(since) if isinstance(since, str) else since
        numbers = (row[name] for name in ("received_version", "revision", "version", "concerns"))
        return self.back(row["crn"]), row["status"], since, *numbers


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
            for person, status, second in REFERRALS:
                sent: dict[str, Any] = {"recipient_id": contract, "second_number": second}
                crn = place.crn(person)
                place.referrals.append(
                    await make.add_sent_referral(session, crn, "commissioned_services", status, **sent)
                )
            await session.commit()
        return place

    async def tell_of_ends(self, now: datetime.datetime) -> None:
        """Do what the job does every minute, as two processes would at once."""

        async def once() -> None:
            async with self.app.state.sessions() as session:
                await tellings.tell_of_ends(session, now)
                await session.commit()

        await asyncio.gather(once(), once())

    async def view_of(self, place: Place, worker: str) -> View:
        """Return what a worker is shown of everything there is."""
        caller, view, now = self._caller(place, worker), {}, self.clock.now
        catalogue = self.app.state.catalogue
        async with self.app.state.sessions() as session:
            for number, referral in enumerate(place.referrals):
                if (row := await find_beside(session, referral, catalogue, caller, now)) is not None:
                    concerns = (
                        await (await session.connection()).execute(CONCERNS, {"referral": referral})
                    ).scalar_one()
                    live = live_view(disclosure_table(), row["answers"], row["disclosed"], row["conditions_needed"])
                    view[number] = {"stands": place.stands({**row, "concerns": concerns}), "live": live}
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
        """Return every entry there is for each worker, served or not."""
        written: dict[str, list[Entry]] = {worker: [] for worker in WORKERS}
        statement = text(
            "SELECT organisation_id, referral_id, kind, items, only_for, not_for FROM feed_entry "
            "WHERE organisation_id = ANY(:ids) ORDER BY organisation_id, number"
        )
        ids = {"ids": [place.named(organisation) for organisation in ORGANISATIONS]}
        async with self.app.state.sessions() as session:
            for row in await (await session.connection()).execute(statement, ids):
                entry = (place.number_of(row.referral_id), row.kind, tuple(row.items))
                for worker in place.told(row.organisation_id, row.only_for, row.not_for):
                    written[worker].append(entry)
        return written

    async def rows(self, place: Place) -> dict[str, Any]:
        """Return everything of a world as it is stored, so that two acts at once can be put in their order."""
        crns = [place.crn(person) for person in PEOPLE]
        known = {"crns": crns, "names": [place.named(name) for name in (*ORGANISATIONS, *WORKERS)]}
        known |= {"contract": place.named("contract"), "referrals": place.referrals}  # type: ignore[dict-item]
        async with self.app.state.sessions() as session:
            found = (await (await session.connection()).execute(ROWS, known)).mappings().one()
        by_crn = {
            name: {place.back(crn): held for crn, held in found[name].items()} for name in ("answers", "restricted")
        }
        numbers = range(len(place.referrals))
        return {
            **by_crn,
            "answers": {
                of: {item: one["value"] for item, one in said.items()} for of, said in by_crn["answers"].items()
            },
            "excluded": place.grouped(found["excluded"], PEOPLE),
            **{name: place.grouped(found[name], numbers) for name in ("named", "listed")},
            **{name: frozenset(map(place.back, found[name])) for name in ("members", "active", "at_work")},
            "needs": tuple(found["needs"]),
            "registered_as": {place.back(one): place.back(name) for one, name in found["registered_as"].items()},
            "referrals": {place.back(one): place.stands(row) for one, row in found["referrals"].items()},
            "disclosed": found["disclosed"],
        }

    def _caller(self, place: Place, worker: str) -> Caller:
        return Caller(place.named(worker), Role.PROVIDER, "tests", place.named(WORKERS[worker]))

    async def provider(self, place: Place, referral: int) -> AsyncClient:
        """Return a client for a worker who sees a referral, or for one of the prime's where nobody does."""
        who = next(iter(WORKERS))
        async with self.app.state.sessions() as session:
            for worker in WORKERS:
                caller = self._caller(place, worker)
                if await find_referral(session, place.referrals[referral], caller, self.clock.now) is not None:
                    who = worker
                    break
        name = place.named(who)
        if name not in self.bearers:
            self.bearers[name] = self.open_client(Bearer(name, Role.PROVIDER, "tests", place.named(WORKERS[who])))
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
            app.state.tests_key = await signing_keys.signing_key(await session.driver(), A_MONDAY)
            await make.add_worker(session, PRACTITIONER, "tests")
            await session.commit()
        service = Service(app, clock, {})
        for role in (Role.PRACTITIONER, Role.ADMINISTRATOR, Role.RECORD_SYSTEM):
            service.clients[role] = service.open_client(Bearer(f"{role[0]}.test", role, "tests"))
        with asking_one_question(app):
            yield service
