"""What reaches a provider: a case in which every answer is a marker, and every route there is called with their token.

Generated from the routes and the catalogue. A new route is expected to give a provider nothing, and a new item to be in
nothing, until the permission table and `disclosure.yaml` say otherwise.
"""

import datetime
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.callers import Role
from service.access.permissions import PUBLIC
from service.catalogue.definitions import Question, QuestionKind
from service.catalogue.disclosures import PATH
from service.catalogue.loading import catalogue
from service.db import Session
from service.models.organisations import NamedWorker
from tests import make, rows
from tests.contract.relations import Operation, Person, operations_of
from tests.make import A_MONDAY
from tests.routes.callers import AsRole

PRIME, SUBCONTRACTOR, OTHER = "canary-prime", "canary-sub", "canary-other"
WORKERS = {PRIME: "prime.canary", SUBCONTRACTOR: "sub.canary", OTHER: "other.canary"}
A_LONG_TIME_AGO = A_MONDAY - datetime.timedelta(days=40)
# Answers that a document prints as they stand; one of another kind is sent unanswered, its marker beside it.
PRINTED = {"text", "choice"}
MARKER = re.compile(r"marker-(?:live|sent)-[a-z0-9_]+-end")
PACK = catalogue().pack("commissioned_services")
ITEMS = catalogue().items
TABLE = yaml.safe_load(PATH.read_text(encoding="utf-8"))["provider"]


def items_in(view: str, *forms: str) -> set[str]:
    """Return the items that stand in the table under one of these forms: read here without the code's help."""
    found = [tier[form] for tier in TABLE[view].values() for form in forms if form in tier]
    lists = [each for one in found for each in (one.values() if isinstance(one, dict) else [one])]
    return {item for each in lists for item in each}


SHOWN_LIVE = items_in("live", "full", "level", "yes_no", "needed")
SHOWN_SENT = items_in("sent", "full", "level", "yes_no")
HIDDEN = set(ITEMS) - SHOWN_LIVE
NEEDED = "residence"  # the one kind of licence condition that the contract needs


def marker(view: str, name: str) -> str:
    return f"marker-{view}-{name}-end"


def answer_of(item: str, value: str) -> dict[str, Any]:
    held: Any = {"community": value, "custody": "never shown"} if item in items_in("live", "level") else value
    held = of_kinds("live", value) if item in items_in("live", "needed") else held
    return {"value": held, "source": "p.test", "as_of": "2026-11-01", "recorded_by": "p.test"}


def of_kinds(view: str, value: str) -> list[dict[str, str]]:
    """Return an answer of two kinds, one of which the contract needs."""
    return [{"kind": NEEDED, "detail": value}, {"kind": "no_contact", "detail": marker(view, "not_needed")}]


EVERY_ANSWER = {item: answer_of(item, marker("live", item)) for item in ITEMS}


def is_printed(question: Question) -> bool:
    return question.value.kind in PRINTED and question.kind is not QuestionKind.RECIPIENT


def sent_content() -> dict[str, Any]:
    """Return a version in which every question of the pack was answered with a marker."""
    sections = [
        {
            "id": section.id,
            "label": section.label,
            "questions": [
                {"id": one.id, "label": one.label, "kind": str(one.kind), "asked": True, "answered": is_printed(one)}
                | {"value": shaped(one), "source": "p.test", "as_of": "2026-11-01"}
                for one in section.questions
            ],
        }
        for section in PACK.sections
    ]
    return {"sections": sections, "form": {}}


def shaped(question: Question) -> Any:
    """Return a question's marker as an answer to it would be: what reads the answer's parts finds it there."""
    value = marker("sent", question.id)
    if question.item in items_in("live", "needed"):
        return of_kinds("sent", value)
    return {"complexity": {"acc": value}, "desired_outcomes": [value]}.get(question.id, value)


async def make_canary(
    session: Session,
    crn: str,
    contract: str,
    status: str = "received",
    *,
    restricted: bool = False,
    at: datetime.datetime = A_MONDAY,
) -> Person:
    """Commit a case whose every answer is a marker, and a referral of it in which every answer sent is one."""
    await make.open_case(session, crn, "p.canary", restricted=restricted)
    named = {"recipient_id": contract, "content": sent_content(), "at": at}
    referral = await make.add_sent_referral(session, crn, "commissioned_services", status, **named)  # type: ignore[arg-type]
    await keep_from_others(session, crn, referral)
    await answer(session, crn, EVERY_ANSWER)
    return Person(crn, referral, uuid.uuid4(), uuid.uuid4())


async def keep_from_others(session: Session, crn: str, referral: uuid.UUID) -> None:
    """Mark who is kept from the person, whom the referral must not reach and why: no provider is to know."""
    await make.limit_access(session, crn, excluded=[marker("live", "excluded")], allowed=[marker("live", "allowed")])
    barred = [{"name": marker("sent", "barred"), "reason": marker("sent", "why_barred")}]
    own = json.dumps({"must_not_receive": {"value": barred}})
    statement = text("UPDATE referral SET own = CAST(:own AS jsonb) WHERE id = :id")
    await (await session.connection()).execute(statement, {"own": own, "id": referral})


async def answer(session: Session, crn: str, answers: Mapping[str, Any]) -> None:
    connection = await session.connection()
    parameters = {"crn": crn, "answers": json.dumps(answers)}
    await connection.execute(text("UPDATE profile SET answers = CAST(:answers AS jsonb) WHERE crn = :crn"), parameters)
    await session.commit()


@dataclass(frozen=True)
class Canaries:
    """People full of markers, by how the organisation stands to them."""

    own: Person
    others: Person
    ended: Person
    restricted: Person
    named: Person
    changing: Person


@pytest.fixture(scope="module")
async def canaries(app: FastAPI) -> Canaries:
    """Commit everybody, the contracts, and a worker of each organisation, once for all who look for markers."""
    if hasattr(app.state, "canaries"):
        return app.state.canaries  # type: ignore[no-any-return]
    async with app.state.sessions() as session:
        needs = {"conditions": [NEEDED]}
        await make.add_contract(session, "canary-contract", PRIME, [SUBCONTRACTOR], needs=needs)
        await make.add_contract(session, "canary-others", OTHER)
        for organisation, worker in WORKERS.items():
            await make.add_provider_worker(session, worker, organisation)
        made = [
            await make_canary(session, "C000001", "canary-contract"),
            await make_canary(session, "C000002", "canary-others"),
            await make_canary(session, "C000003", "canary-contract", "completed", at=A_LONG_TIME_AGO),
            await make_canary(session, "C000004", "canary-contract", restricted=True),
            await make_canary(session, "C000005", "canary-contract", restricted=True),
            await make_canary(session, "C000006", "canary-contract"),
        ]
        await rows.add(
            session,
            NamedWorker(
                referral_id=made[4].referral_id,
                crn=made[4].crn,
                worker_id=WORKERS[PRIME],
                named_by="p.canary",
                named_at=A_MONDAY,
            ),
        )
        await session.commit()
    app.state.canaries = Canaries(*made)
    return app.state.canaries  # type: ignore[no-any-return]


@pytest.fixture
def provider(as_role: AsRole) -> Mapping[str, AsyncClient]:
    """Return a client for a worker of each organisation."""
    return {one: as_role(Role.PROVIDER, worker, one) for one, worker in WORKERS.items()}


async def markers_from(client: AsyncClient, operation: Operation, person: Person) -> set[str]:
    """Call an operation about a person and return the markers in whatever comes back."""
    body: dict[str, Any] = {"json": {}} if operation.takes_a_body else {}
    body["headers"] = {"Accept": "text/html, application/json;q=0.9"}
    answer = await client.request(operation.method, operation.path_about(person), params=operation.query(), **body)
    return set(MARKER.findall(answer.text + str(dict(answer.headers))))


def expected(operation: str) -> set[str]:
    """Return the markers that a provider gets from an operation about a referral that is theirs to see."""
    sent = {marker("sent", one.id) for one in PACK.questions if one.item in SHOWN_SENT}
    own = {marker("sent", one.id) for one in PACK.questions if one.item is None and str(one.tier) not in NOBODY_S_TIERS}
    if operation == "read_provided_referral":
        return sent | own | {marker("sent", "not_needed")}
    if operation == "read_provided_document":
        return (sent | own) & {marker("sent", one.id) for one in PACK.questions if is_printed(one)}
    if operation == "read_proposals_as_provider":
        return {marker("sent", "complexity"), marker("sent", "desired_outcomes")}
    if operation == "read_live_summary":
        mentioned = SHOWN_LIVE | items_in("live", "withheld")
        beside = {marker("sent", one.id) for one in PACK.questions if one.item in SHOWN_SENT & mentioned}
        return {marker("live", item) for item in SHOWN_LIVE} | beside
    return set()


NOBODY_S_TIERS = {"victim", "mappa", "intelligence_flag"}


def called(app: FastAPI) -> Iterator[Operation]:
    yield from (operation for operation in operations_of(app) if operation.id not in PUBLIC)


@pytest.mark.parametrize("organisation", [PRIME, SUBCONTRACTOR])
@pytest.mark.parametrize("relation", ["own", "named"])
async def test_exactly_what_the_table_allows_comes_back_from_every_route(
    app: FastAPI, canaries: Canaries, provider: Mapping[str, AsyncClient], organisation: str, relation: str
) -> None:
    sees = relation == "own" or organisation == PRIME
    wrong = {}
    for operation in called(app):
        found = await markers_from(provider[organisation], operation, getattr(canaries, relation))
        allowed = expected(operation.id) if sees else set()
        if found != allowed:
            wrong[operation.id] = (sorted(found - allowed), sorted(allowed - found))

    assert wrong == {}


@pytest.mark.parametrize("relation", ["others", "ended", "restricted"])
async def test_nothing_comes_back_about_somebody_who_is_not_theirs_to_see(
    app: FastAPI, canaries: Canaries, provider: Mapping[str, AsyncClient], relation: str
) -> None:
    person, found = getattr(canaries, relation), {}
    for operation in called(app):
        if markers := await markers_from(provider[PRIME], operation, person):
            found[operation.id] = markers
    listed = (await provider[PRIME].get("/v1/provider/referrals", params={"limit": 200})).text

    assert found == {}
    assert str(person.referral_id) not in listed
    assert person.crn not in listed


async def test_a_worker_of_another_organisation_or_of_none_gets_nothing(
    app: FastAPI, canaries: Canaries, provider: Mapping[str, AsyncClient], as_role: AsRole
) -> None:
    strangers = [
        provider[OTHER],
        as_role(Role.PROVIDER, WORKERS[OTHER], PRIME),
        as_role(Role.PROVIDER, "nobody", PRIME),
    ]
    found = [
        await markers_from(stranger, operation, canaries.own) for stranger in strangers for operation in called(app)
    ]

    assert set().union(*found) == set()


async def seen(client: AsyncClient, person: Person) -> dict[str, bytes]:
    """Return every byte a provider reads about a person."""
    address = f"/v1/provider/referrals/{person.referral_id}"
    reads = [(address, "*/*"), (f"{address}/summary", "*/*"), ("/v1/provider/referrals", "*/*")]
    reads.append((f"{address}/document?provenance=true", "text/html"))
    return {one: (await client.get(one, headers={"Accept": kind})).content for one, kind in reads}


async def test_no_byte_differs_for_a_value_that_is_hidden_and_some_do_for_one_that_is_shown(
    canaries: Canaries, provider: Mapping[str, AsyncClient], committing: Session
) -> None:
    person, client = canaries.changing, provider[SUBCONTRACTOR]
    told: dict[str, bool] = {}
    for item in ITEMS:
        others = {name: answer_of(name, marker("live", name)) for name in ("tier", "registers") if name != item}
        views = []
        for value in (None, "one value", "another value"):
            with_it = {item: answer_of(item, value)} if value else {}
            await answer(committing, person.crn, {**others, **with_it})
            views.append(await seen(client, person))
        told[item] = not (views[0] == views[1] == views[2])
    await answer(committing, person.crn, EVERY_ANSWER)

    assert {item for item, tells in told.items() if tells} == SHOWN_LIVE
    assert {item for item, tells in told.items() if not tells} == HIDDEN


async def test_what_was_sent_and_is_no_question_for_a_provider_changes_no_byte_of_what_they_read(
    canaries: Canaries, provider: Mapping[str, AsyncClient], owner_engine: AsyncEngine
) -> None:
    """The digest, the differences, the checks sent past and the form's rows are made from more than they may see."""
    person, client = canaries.own, provider[PRIME]
    before = await seen(client, person)
    pdf = {"Accept": "application/pdf"}
    address = f"/v1/provider/referrals/{person.referral_id}/document"
    printed = (await client.get(address, headers=pdf)).content

    await change_sent(owner_engine, person)

    assert await seen(client, person) == before
    assert (await client.get(address, headers=pdf)).content == printed
    assert printed.startswith(b"%PDF")


async def change_sent(owner: AsyncEngine, person: Person) -> None:
    """Change everything about what was sent but the questions shown: with it, add a question the pack does not have."""
    name = "never_mentioned"
    hidden = {"id": name, "label": name, "kind": "bound", "asked": True, "answered": True, "value": name}
    content = sent_content()
    content["sections"].append({"id": name, "label": name, "questions": [hidden]})
    content |= {"checks_outstanding": ["domestic_abuse_check_outstanding"], "form": {"row": name}}
    change = text(
        "UPDATE referral_version SET content = CAST(:content AS jsonb), digest = :digest, reason = :name, "
        "differences = CAST(:differences AS jsonb) WHERE referral_id = :id"
    )
    difference = {"question": name, "label": name, "before": None, "after": name}
    parameters = {"content": json.dumps(content), "digest": name.ljust(64, "0"), "name": name, "id": person.referral_id}
    async with owner.begin() as connection:
        await connection.execute(change, {**parameters, "differences": json.dumps([difference])})


def test_whether_a_question_is_asked_turns_on_nothing_that_is_kept_from_a_provider() -> None:
    own = {one.id for one in PACK.questions if one.item is None and str(one.tier) not in NOBODY_S_TIERS}
    read = {one.id: set(one.asked_when.sources) for one in PACK.questions if one.asked_when is not None}

    assert {name: kept for name, sources in read.items() if (kept := sources - SHOWN_SENT - own - {"recipient"})} == {}


def test_the_table_is_read_as_it_is_written() -> None:
    assert len(SHOWN_LIVE) > 10
    assert {item for item, one in ITEMS.items() if str(one.tier) in NOBODY_S_TIERS} <= HIDDEN
