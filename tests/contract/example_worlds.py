"""What the service is given before chance calls it: one full case, others like it, and referrals at every stage."""

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from service.access.callers import Role
from service.access.tokens import Bearer
from service.demonstration.loading import load_premises, load_providers
from service.demonstration.people import read_cases, read_list
from service.demonstration.playing import Cast, amend, expect, open_case
from service.demonstration.workers import TEAM, WORKERS
from service.routes.examples import BODIES, PARAMETERS
from tests.contract import example_people as people

# A worker of another team: whatever the practitioner sees, this one must not.
OUTSIDER = "outsider"
CALLERS: dict[str, Bearer] = {str(role): bearer for role, bearer in WORKERS.items()}
CALLERS[OUTSIDER] = Bearer("o.demo", Role.PRACTITIONER)
SENT_FIRST = ("approved_premises", "commissioned_services:acc")
ROUNDS = 3  # answering opens questions this deep
ASK = text(
    "INSERT INTO referral_query (id, referral_id, crn, question, about, asked_by, asked_at) VALUES "
    "(CAST(:id AS uuid), CAST(:referral AS uuid), :crn, 'Who supervises the licence?', '[]', 'a.demo', now())"
)
DISCLOSE = text(
    "INSERT INTO disclosure (id, referral_id, crn, organisation_id, item, gateway, reason, decided_by, decided_at, "
    "expires_at) SELECT CAST(:id AS uuid), r.id, r.crn, 'harbour-homes', 'coping_detail', 'consent', 'They agreed.', "
    "'p.demo', now(), now() + interval '30 days' FROM referral r WHERE CAST(r.id AS text) = :referral"
)
NAME = text(
    "INSERT INTO named_worker (id, referral_id, crn, worker_id, named_by, named_at) "
    "SELECT gen_random_uuid(), r.id, r.crn, 'v.demo', 'p.demo', now() FROM referral r "
    "WHERE CAST(r.id AS text) = :referral"
)
BOOK = text(
    "INSERT INTO provision_appointment (id, referral_id, crn, kind, how, starts_at, minutes, booked_by, booked_at) "
    "SELECT CAST(:id AS uuid), r.id, r.crn, 'delivery', 'phone', now() - interval '1 minute', 30, 'v.demo', now() "
    "FROM referral r WHERE CAST(r.id AS text) = :referral"
)
WRITE = text(
    "INSERT INTO provision_note (id, referral_id, crn, kind, about, text, written_by, written_at) "
    "SELECT CAST(:id AS uuid), r.id, r.crn, :kind, CAST(:about AS text), 'Said so.', 'v.demo', now() "
    "FROM referral r WHERE CAST(r.id AS text) = :referral"
)
PROPOSE = text(
    "INSERT INTO proposal (id, referral_id, crn, version, about, category, stood, proposed, reason, proposed_by, "
    "proposed_at) SELECT CAST(:id AS uuid), r.id, r.crn, r.version, 'complexity', 'acc', '[\"high\"]', 'low', "
    "'Said so.', 'v.demo', now() FROM referral r WHERE CAST(r.id AS text) = :referral"
)
REPORT = text(
    "INSERT INTO end_of_service_report (referral_id, crn, version, written_by, written_at) "
    "SELECT r.id, r.crn, r.version, 'v.demo', now() FROM referral r WHERE CAST(r.id AS text) = :referral"
)
ASK_CHECK = text(
    "INSERT INTO check_request (id, crn, kind, asked_of, asked_on, asked_by, asked_at) "
    "VALUES (CAST(:id AS uuid), :crn, 'child_safeguarding', 'Children''s services', CURRENT_DATE, 'p.demo', now())"
)
LOWER_RISK = text(
    "INSERT INTO risk_lowering (id, crn, levels, because, profile_revision, lowered_by, lowered_at) VALUES "
    '(CAST(:id AS uuid), :crn, \'[{"item": "risk_overall_level", "part": null, "before": "high", '
    '"after": "low"}]\', \'["near_release"]\', 1, \'p.demo\', now())'
)
STAY = text(
    "INSERT INTO stay (id, crn, premises_id, kind, status, expected_arrival_on, expected_departure_on, departure_set, "
    "arrived_on, resident_since, nights_before, revision, opened_at) SELECT CAST(:id AS uuid), :crn, :premises, "
    "'normal', CASE WHEN :arrived THEN 'in_residence' ELSE 'expected' END, d.day, d.day + 84, FALSE, "
    "CASE WHEN :arrived THEN d.day END, CASE WHEN :arrived THEN d.day END, 0, 1, now() "
    "FROM (SELECT current_date - 1 AS day) AS d"
)
PASS_TO_PREMISES = text(
    "INSERT INTO passed_work (referral_id, crn, side, act, passed_by, at) "
    "VALUES (CAST(:id AS uuid), :crn, 'premises', 'given', 'p.demo', now())"
)
LEAVE = text(
    "UPDATE stay SET status = 'departed', resident_since = NULL, nights_before = 1, ended_on = current_date, "
    "ended_at = now(), end_reason = 'planned_move_on', move_on_category = 'supported_housing' "
    "WHERE id = CAST(:id AS uuid)"
)
# What is copied was sent to approved premises, in the words of their form.
NOTHING_SAID = text(
    'UPDATE referral_version SET content = \'{"sections": [], "form": {}}\' WHERE CAST(referral_id AS text) = :referral'
)
HOUSING_TEAM = "cas3-east-of-england"
HOUSE = text(
    "INSERT INTO cas3_booking (id, referral_id, crn, sentence, place, status, arrival_on, departure_on, "
    "first_arrival_on, first_departure_on, revision, booked_by, booked_at, updated_at) "
    "SELECT CAST(:id AS uuid), r.id, r.crn, '1', 'Room 3', :status, days.first, days.last, days.first, days.last, 1, "
    "'a.demo', now(), now() FROM referral r, "
    "(SELECT current_date - 5 AS first, current_date + 30 AS last) AS days WHERE CAST(r.id AS text) = :referral"
)
HAND_OVER = text(
    "INSERT INTO hand_over (id, crn, status, from_worker, from_capacity, to_worker, to_capacity, first_planned_on, "
    "planned_on, promised, outstanding, revision, recorded_by, recorded_at) "
    "VALUES (CAST(:id AS uuid), :crn, 'planned', 'p.demo', 'community_practitioner', 'm.demo', "
    "'community_practitioner', CURRENT_DATE, CURRENT_DATE, '[]', '[]', 1, 'p.demo', now())"
)
# As the feed itself would: the number after the last.
TELL = text(
    "WITH told AS (UPDATE feed_counter SET last = last + 1 WHERE organisation_id = 'harbour-homes' RETURNING last) "
    "INSERT INTO feed_entry (organisation_id, number, id, referral_id, crn, kind, items, raised, occurred_at) "
    "SELECT 'harbour-homes', told.last, CAST(:id AS uuid), r.id, r.crn, 'changed', '[]', FALSE, now() "
    "FROM told, referral r WHERE CAST(r.id AS text) = :referral"
)


@dataclass(frozen=True)
class Copy:
    """A referral to make like the one that was sent, and the question asked about it."""

    id: str
    crn: str
    status: str
    number: int
    query: str


async def prepare(clients: Mapping[str, httpx.AsyncClient], owner_url: str) -> None:
    """Send one invented case's referral through the API, and copy it to more people, with referrals at every stage."""
    await _add_reference_data(clients[Role.ADMINISTRATOR])
    sent, provided = await _send_first_referrals(clients)
    draft = await _draft_duty_to_refer(clients[Role.PRACTITIONER])
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        example = Copy(people.EXAMPLE_REFERRAL, people.FIRST, "query", 1, people.EXAMPLE_QUERY)
        await _copy_referral(connection, sent, example)
        await _copy_referral(connection, provided, Copy(people.PROVIDED, people.FIRST, "received", 1, ""))
        for number, stage in enumerate(people.PROVIDED_STAGES, start=2):
            query = f"00000000-0000-4000-b000-{number:012d}"
            copy = Copy(people.provided_at(stage), people.FIRST, stage.partition(" ")[0], number, query)
            await _copy_referral(connection, provided, copy)
        await _write_provision(connection, people.provided_at("started to go on"))
        await connection.execute(TELL, {"id": people.EXAMPLE_CHANGE, "referral": people.PROVIDED})
        await connection.execute(NAME, {"referral": people.PROVIDED})
        await connection.execute(DISCLOSE, {"id": people.EXAMPLE_DISCLOSURE, "referral": people.PROVIDED})
        others = (people.TO_DIE, people.TO_HIDE, people.TO_EXPECT, people.TO_HAND_OVER)
        for crn in (people.WITHOUT_REFERRALS, *others):
            await _copy_person(connection, crn)
        stay = {"id": PARAMETERS["stay_id"], "crn": people.WITHOUT_REFERRALS, "premises": "ap-example", "arrived": True}
        await connection.execute(STAY, stay)
        await _share_drafts(connection, draft)
        for operation, crn in people.STAYING.items():
            await _copy_person(connection, crn)
            stay = {"id": people.stay_of(operation), "crn": crn, "arrived": operation not in people.ARRIVING}
            # Somebody is transferred to the premises of the examples.
            premises = "ap-example-pipe" if operation == "transfer_stay" else "ap-example"
            await connection.execute(STAY, stay | {"premises": premises})
            if operation in people.LEFT:
                await connection.execute(LEAVE, {"id": stay["id"]})
        await _book_beds(connection, sent)
        for crn in people.WITH_REFERRALS:
            await _copy_person(connection, crn)
            for number, stage in enumerate(people.STAGES):
                copy = Copy(people.referral_of(crn, stage), crn, stage, number, people.query_of(crn))
                await _copy_referral(connection, sent, copy)
        await _ask_checks_and_plan_hand_overs(connection)
    await engine.dispose()
    expect(await clients[OUTSIDER].post("/v1/cases", json={"crn": people.ANOTHER_TEAMS}))
    practitioner, today = clients[Role.PRACTITIONER], datetime.datetime.now(datetime.UTC).date()
    expiry = {"value": (today + datetime.timedelta(days=365)).isoformat()}
    await amend(practitioner, people.CHANGED_SINCE, {"licence_expiry_date": expiry})
    yesterday = (today - datetime.timedelta(days=1)).isoformat()
    recall = {"kind": "recall_fixed_term", "happened_on": yesterday}
    expect(await practitioner.post(f"/v1/cases/{people.RECALLED}/events", json=recall))


async def _ask_checks_and_plan_hand_overs(connection: AsyncConnection) -> None:
    for check in (PARAMETERS["check_id"], people.CHECK_TO_ANSWER):
        await connection.execute(ASK_CHECK, {"id": check, "crn": people.FIRST})
    await connection.execute(LOWER_RISK, {"id": PARAMETERS["lowering_id"], "crn": people.FIRST})
    for crn, planned in people.HAND_OVERS.items():
        await connection.execute(HAND_OVER, {"id": planned, "crn": crn})


async def _add_reference_data(administrator: httpx.AsyncClient) -> None:
    registered = [(WORKERS[role].worker, TEAM) for role in (Role.PRACTITIONER, Role.MANAGER)]
    registered.append((CALLERS[OUTSIDER].worker, "other-team"))
    workers = [{"id": worker, "name": worker, "team": team} for worker, team in registered]
    for kind, entries in {"workers": workers, "recipients": read_list("recipients")}.items():
        for entry in entries:
            body = {name: value for name, value in entry.items() if name != "id"}
            expect(await administrator.put(f"/v1/{kind}/{entry['id']}", json=body))
    await load_providers(administrator)
    await load_premises(administrator)
    for worker, administers in ((WORKERS[Role.PROVIDER].worker, True), (people.COLLEAGUE, False)):
        body = {"name": "An Invented Worker", "administrator": administers}
        expect(await administrator.put(f"/v1/organisations/harbour-homes/workers/{worker}", json=body))


async def _send_first_referrals(clients: Mapping[str, httpx.AsyncClient]) -> list[str]:
    """Open the first invented case and send its referrals to approved premises and to a provider; return their ids."""
    practitioner = clients[Role.PRACTITIONER]
    case = read_cases(datetime.datetime.now(datetime.UTC).date())[0]
    await open_case(Cast(practitioner, clients[Role.RECORD_SYSTEM]), case, people.FIRST)
    await amend(practitioner, people.FIRST, {item: {"value": value} for item, value in case.known.items()})
    wanted = [want for want in case.wanted if want.name in SENT_FIRST]
    packs = [
        {"pack": want.pack, "recipient": want.recipient, "service_category": want.service_category} for want in wanted
    ]
    made = expect(await practitioner.post(f"/v1/cases/{people.FIRST}/referrals", json={"packs": packs}))
    for want, draft in zip(wanted, made["items"], strict=True):
        referral = f"/v1/referrals/{draft['id']}"
        await _complete(practitioner, referral, case.own[want.name])
        expect(await practitioner.post(f"{referral}/submission", json=BODIES["submit_referral"]))
    return [str(draft["id"]) for draft in made["items"]]


async def _share_drafts(connection: AsyncConnection, draft: str) -> None:
    for number, operation in enumerate(people.SHARING):
        copied = {"id": people.shared_draft_of(operation), "crn": people.WITHOUT_REFERRALS, "second_number": number}
        await _copy(connection, "referral", copied, id=draft)
        if operation in people.HELD_BY_PREMISES:
            await connection.execute(PASS_TO_PREMISES, copied)


async def _draft_duty_to_refer(practitioner: httpx.AsyncClient) -> str:
    """Make a duty to refer for the first person that is ready to be sent, and return its id."""
    case = read_cases(datetime.datetime.now(datetime.UTC).date())[0]
    want = next(want for want in case.move_on if want.pack == "duty_to_refer")
    packs = [{"pack": want.pack, "recipient": want.recipient}]
    made = expect(await practitioner.post(f"/v1/cases/{people.FIRST}/referrals", json={"packs": packs}))
    draft = str(made["items"][0]["id"])
    await _complete(practitioner, f"/v1/referrals/{draft}", case.own[want.name])
    return draft


async def _complete(practitioner: httpx.AsyncClient, referral: str, own: Mapping[str, Any]) -> None:
    """Answer the form's own questions as the invented case does, and tick every narrative as read."""
    for _ in range(ROUNDS):
        draft = await practitioner.get(referral)
        lacking = {lack["pointer"].rpartition("/")[2] for lack in expect(draft)["lacks"]}
        asked = [question for section in draft.json()["sections"] for question in section["questions"]]
        change = {
            "read": {question["item"]: True for question in asked if question["narrative"]},
            "answers": {name: {"value": value} for name, value in own.items() if name in lacking},
        }
        expect(await practitioner.patch(referral, json=change, headers={"If-Match": draft.headers["ETag"]}))


async def _write_provision(connection: AsyncConnection, referral: str) -> None:
    await connection.execute(PROPOSE, {"id": PARAMETERS["proposal_id"], "referral": referral})
    await connection.execute(REPORT, {"referral": referral})
    await connection.execute(BOOK, {"id": PARAMETERS["appointment_id"], "referral": referral})
    for name, kind, about in (("note_id", "progress", None), ("concern_id", "concern", "person")):
        written = {"id": PARAMETERS[name], "referral": referral, "kind": kind, "about": about}
        await connection.execute(WRITE, written)


async def _book_beds(connection: AsyncConnection, sent: str) -> None:
    """Make people with a CAS3 referral each, and the booking that an act on it is tried on."""
    named = {"pack": "cas3", "recipient_id": HOUSING_TEAM}
    for act, (stage, status) in people.BEDS.items():
        crn, referral, booking = people.housed(act)
        await _copy_person(connection, crn)
        await _copy_referral(connection, sent, Copy(referral, crn, stage, 0, ""), **named)
        await connection.execute(NOTHING_SAID, {"referral": referral})
        if status is not None:
            await connection.execute(HOUSE, {"id": booking, "referral": referral, "status": status})


async def _copy_person(connection: AsyncConnection, crn: str) -> None:
    await _copy(connection, "case_record", {"crn": crn}, crn=people.FIRST)
    await _copy(connection, "profile", {"crn": crn}, crn=people.FIRST)
    await _copy(connection, "allocation", {"crn": crn, "id": str(uuid.uuid4())}, crn=people.FIRST)


async def _copy_referral(connection: AsyncConnection, sent: str, copy: Copy, **changed: str) -> None:
    changes: dict[str, Any] = {"id": copy.id, "crn": copy.crn, "status": copy.status, "second_number": copy.number}
    changes |= changed
    if copy.status == "draft":
        changes |= {"version": 0, "received_version": 0, "submitted_by": None, "submitted_at": None}
    elif copy.status != "submitted":
        changes["received_version"] = 1
    await _copy(connection, "referral", changes, id=sent)
    if copy.status != "draft":
        await _copy(connection, "referral_version", {"referral_id": copy.id, "crn": copy.crn}, referral_id=sent)
    if copy.status == "query":
        await connection.execute(ASK, {"id": copy.query, "referral": copy.id, "crn": copy.crn})


async def _copy(connection: AsyncConnection, table: str, changes: Mapping[str, Any], **original: str) -> None:
    """Insert a row like one there is, but for some columns."""
    ((column, value),) = original.items()
    statement = (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(original, CAST(:changes AS jsonb))).* "
        f"FROM {table} AS original WHERE CAST({column} AS text) = :value"
    )
    await connection.execute(text(statement), {"value": value, "changes": json.dumps(changes)})
