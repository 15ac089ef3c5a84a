"""One person for each way a caller can stand to them, and what every operation of the published API is called with."""

import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.models.referrals import ReferralQuery
from service.routes.descriptions import METHODS
from service.routes.examples import PARAMETERS
from tests import make, rows
from tests.make import A_MONDAY

ORGANISATION = "org-own"
PREMISES, OTHER_PREMISES = "ap-own", "ap-other"
TEAM = "team-own"
A_LONG_TIME_AGO = A_MONDAY - datetime.timedelta(days=40)
LEAVES = text("UPDATE provider_worker SET ended_at = :at WHERE worker_id = :worker AND ended_at IS NULL")
# As tests sign tokens: a role's first letter.
WORKERS = {role: f"{role[0]}.test" for role in Role}
IN_THE_TEAM = (Role.PRACTITIONER, Role.MANAGER)


class Relation(StrEnum):
    """How the callers stand to a person, and to the referral that was sent about them."""

    OWN = "own"
    OTHERS = "others"
    RESTRICTED = "restricted"
    EXCLUDED = "excluded"
    ENDED = "ended"  # so long ago that the time for closing the provider's work is over
    ABSENT = "absent"


@dataclass(frozen=True)
class Person:
    """A person's case, a referral received by a recipient, and a question about it; an absent one has just the ids."""

    crn: str
    referral_id: uuid.UUID
    query_id: uuid.UUID
    disclosure_id: uuid.UUID
    exists: bool = True
    appointment_id: uuid.UUID = field(default_factory=uuid.uuid4)
    note_id: uuid.UUID = field(default_factory=uuid.uuid4)
    concern_id: uuid.UUID = field(default_factory=uuid.uuid4)
    proposal_id: uuid.UUID = field(default_factory=uuid.uuid4)
    check_id: uuid.UUID = field(default_factory=uuid.uuid4)
    lowering_id: uuid.UUID = field(default_factory=uuid.uuid4)
    stay_id: uuid.UUID = field(default_factory=uuid.uuid4)
    booking_id: uuid.UUID = field(default_factory=uuid.uuid4)
    hand_over_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Operation:
    """A published operation."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def id(self) -> str:
        """Its name, as the permission table has it."""
        return str(self.described["operationId"])

    @property
    def names(self) -> frozenset[str]:
        """The parameters in its path."""
        return frozenset(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    def path_about(self, person: Person) -> str:
        """Return its path with a person in it, and the published examples for whatever else it names."""
        named = PARAMETERS | {"crn": person.crn, "referral_id": person.referral_id, "query_id": person.query_id}
        named |= {"disclosure_id": person.disclosure_id, "appointment_id": person.appointment_id}
        named |= {"note_id": person.note_id, "concern_id": person.concern_id, "proposal_id": person.proposal_id}
        named |= {"booking_id": person.booking_id}
        named |= {"check_id": person.check_id, "lowering_id": person.lowering_id}
        named |= {"stay_id": person.stay_id}
        named |= {"hand_over_id": person.hand_over_id}
        return self.path.format(**{name: named[name] for name in self.names})

    def path_of_examples(self) -> str:
        """Return its path with the published examples, whomever they name."""
        return self.path.format(**{name: PARAMETERS[name] for name in self.names})

    def has_parameter(self, name: str) -> bool:
        """Whether it takes a parameter of this name."""
        return any(one["name"] == name for one in self.described.get("parameters", ()))

    def query(self) -> dict[str, Any]:
        """Return the query parameters without which it is not valid."""
        parameters = self.described.get("parameters", ())
        needed = [one["name"] for one in parameters if one["in"] == "query" and one.get("required")]
        return {name: PARAMETERS[name] for name in needed}

    @property
    def takes_a_body(self) -> bool:
        """Whether JSON is sent with it."""
        return "application/json" in self.described.get("requestBody", {}).get("content", {})

    @property
    def takes_a_form(self) -> bool:
        """Whether a form is sent with it, as OAuth has it."""
        return "requestBody" in self.described and not self.takes_a_body


def operations_of(app: FastAPI) -> Iterator[Operation]:
    """Go through the published operations."""
    for path, described in app.openapi()["paths"].items():
        for method, operation in described.items():
            if method in METHODS:
                yield Operation(method.upper(), path, operation)


async def make_people(session: Session) -> dict[Relation, Person]:
    """Commit a person for each relation: held by the team, by another; kept from everybody; ended; absent."""
    for role in IN_THE_TEAM:
        await make.add_worker(session, WORKERS[role], TEAM)
    await make.add_worker(session, "p.other", "team-other")
    await make.add_contract(session, "unit-own", ORGANISATION)
    await make.add_contract(session, "unit-other", "org-other")
    for premises in (PREMISES, OTHER_PREMISES, PARAMETERS["premises_id"]):
        await make.add_premises(session, premises)
    await make.add_provider_worker(session, WORKERS[Role.PROVIDER], ORGANISATION, administrator=True)
    # A published example that ran before may have registered this one elsewhere.
    await (await session.connection()).execute(LEAVES, {"worker": PARAMETERS["worker_id"], "at": A_MONDAY})
    await make.add_provider_worker(session, PARAMETERS["worker_id"], ORGANISATION)
    people = {
        Relation.OWN: await _make_person(session, "A000001"),
        Relation.OTHERS: await _make_person(session, "A000002", worker="p.other", team="team-other", unit="unit-other"),
        Relation.RESTRICTED: await _make_person(session, "A000003", restricted=True),
        Relation.EXCLUDED: await _make_person(session, "A000004"),
        Relation.ENDED: await _make_person(session, "A000008", status="completed", at=A_LONG_TIME_AGO),
        Relation.ABSENT: Person("A000005", uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), exists=False),
    }
    await make.limit_access(session, people[Relation.RESTRICTED].crn, allowed=["p.other"])
    await make.limit_access(session, people[Relation.EXCLUDED].crn, excluded=set(WORKERS.values()))
    await session.commit()
    return people


async def _make_person(
    session: Session,
    crn: str,
    worker: str = WORKERS[Role.PRACTITIONER],
    team: str = TEAM,
    unit: str = "unit-own",
    *,
    restricted: bool = False,
    status: str = "received",
    at: datetime.datetime = A_MONDAY,
) -> Person:
    await make.open_case(session, crn, worker, team, restricted=restricted)
    referral = await make.add_sent_referral(session, crn, "approved_premises", status, recipient_id=unit, at=at)
    query = ReferralQuery(
        referral_id=referral, crn=crn, question="Who supervises the licence?", asked_by="a.other", asked_at=A_MONDAY
    )
    await rows.add(session, query)
    disclosure = await make.add_disclosure(
        session, referral, crn, "org-other" if unit == "unit-other" else ORGANISATION
    )
    await make.name_worker(session, referral, crn, PARAMETERS["worker_id"])
    written = await make.add_provision(session, referral, crn)
    proposal = await make.add_proposal(session, referral, crn)
    await make.add_report(session, referral, crn)
    check, lowering = await make.add_check(session, crn), await make.add_risk_lowering(session, crn)
    premises = OTHER_PREMISES if unit == "unit-other" else PREMISES
    stay = await make.add_stay(session, crn, premises, arrived_on=A_MONDAY.date())
    booking = await make.add_booking(session, referral, crn)
    planned = await make.add_hand_over(session, crn, worker, "p.arriving")
    return Person(
        crn, referral, query.id, disclosure, True, *written, proposal, check, lowering, stay, booking, planned
    )
