"""What a provider proposes, what its practitioner decides, and that both stay."""

import asyncio
import uuid
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from service.access.callers import Role
from service.db import Session
from tests import make
from tests.routes.conftest import AsRole, Clock
from tests.routes.provision import Provision, does, open_provision

pytestmark = pytest.mark.usefixtures("clock")
LEVEL: dict[str, Any] = {"about": "complexity", "category": "acc", "proposed": "high", "reason": "They sleep in a car."}
OUTCOME: dict[str, Any] = {"about": "outcome", "category": "acc", "proposed": "acc_avoid_loss", "reason": "A tenancy."}
AGREED, KEPT = ({"decision": one, "reason": "We spoke."} for one in ("agreed", "kept"))


def content(level: str = "medium") -> dict[str, Any]:
    said = {"kind": "own", "asked": True, "answered": True, "source": "p.test", "as_of": "2026-11-01"}
    answers = {"complexity": {"acc": level}, "desired_outcomes": ["acc_progress", "acc_secure_housing"]}
    questions = [{"id": name, "label": name, "value": value, **said} for name, value in answers.items()]
    return {"sections": [{"id": "service", "label": "The service", "questions": questions}], "form": {}}


@pytest.fixture
async def provision(committing: Session, as_role: AsRole, crn: str) -> Provision:
    return await open_provision(committing, as_role, crn)


@pytest.fixture
async def referral(provision: Provision) -> uuid.UUID:
    """Commit a referral that asks for two outcomes at medium complexity."""
    return await provision.referral("started", content=content())


async def decide(client: AsyncClient, referral: uuid.UUID, proposal: str, body: Any) -> Any:
    return await client.post(f"/v1/referrals/{referral}/proposals/{proposal}/decision", json=body)


async def read(provision: Provision, referral: uuid.UUID) -> Any:
    answer = await provision.practitioner.get(f"/v1/referrals/{referral}/proposals")
    theirs = await provision.provider.get(f"/v1/provider/referrals/{referral}/proposals")
    assert answer.status_code == 200, answer.text
    assert answer.json() == theirs.json()
    return answer.json()


async def waits(provision: Provision) -> list[str]:
    listed = (await provision.practitioner.get("/v1/work", params={"limit": 200})).json()["items"]
    return [one["referral_id"] for one in listed if one["kind"] == "proposal_to_decide"]


async def test_what_is_agreed_stands_at_once_and_what_is_kept_changes_nothing_and_both_views_stay(
    provision: Provision, referral: uuid.UUID
) -> None:
    level = (await does(provision.provider, referral, "proposals", LEVEL)).json()
    swap = OUTCOME | {"instead_of": "acc_progress"}
    outcome = (await does(provision.provider, referral, "proposals", swap)).json()
    before = await read(provision, referral)
    answers = [
        await decide(provision.practitioner, referral, level["id"], KEPT),
        await decide(provision.practitioner, referral, outcome["id"], AGREED),
    ]
    after = await read(provision, referral)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert before["stands"] == {"complexity": {"acc": "medium"}, "outcomes": ["acc_progress", "acc_secure_housing"]}
    assert after["stands"] == {"complexity": {"acc": "medium"}, "outcomes": ["acc_secure_housing", "acc_avoid_loss"]}
    said = {one["about"]: one for one in after["proposals"]}
    assert (said["complexity"]["stood"], said["complexity"]["reason"]) == (["medium"], LEVEL["reason"])
    assert said["complexity"]["decision"]["decision"] == "kept"
    assert said["outcome"]["decision"]["decided_by"] == f"p-{provision.crn.lower()}"


async def test_what_is_agreed_is_the_referral_s_own_answer_and_what_was_sent_stays(
    provision: Provision, referral: uuid.UUID
) -> None:
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()
    await decide(provision.practitioner, referral, proposal["id"], AGREED)
    own = await provision.rows("SELECT own, revision FROM referral WHERE id = :id", id=referral)
    sent = await provision.practitioner.get(f"/v1/referrals/{referral}/versions/1")

    assert (own[0].own["complexity"]["value"], own[0].revision) == ({"acc": "high"}, 2)
    assert sent.json()["content"] == content()


async def test_an_undecided_proposal_stands_in_the_practitioner_s_list_until_each_is_decided(
    provision: Provision, referral: uuid.UUID
) -> None:
    seen = [await waits(provision)]
    proposals = [(await does(provision.provider, referral, "proposals", one)).json() for one in (LEVEL, OUTCOME)]
    for proposal in proposals:
        seen.append(await waits(provision))
        await decide(provision.practitioner, referral, proposal["id"], KEPT)
    seen.append(await waits(provision))

    assert seen == [[], [str(referral)], [str(referral)], []]


async def test_a_proposal_lapses_with_the_referral_and_is_decided_once_it_is_open_again(
    provision: Provision,
) -> None:
    referral = await provision.referral("received", content=content())
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()
    await does(provision.provider, referral, "rejection", {"reason": "no_capacity"})
    over = await decide(provision.practitioner, referral, proposal["id"], AGREED)
    during = await waits(provision)
    more = await does(provision.provider, referral, "proposals", OUTCOME)
    again = await provision.practitioner.post(
        f"/v1/referrals/{referral}/reopening", json={"reason": "new_information", "note": "There is room."}
    )
    decided = await decide(provision.practitioner, referral, proposal["id"], AGREED)

    assert again.status_code == 200, again.text
    assert [one.json().get("code") for one in (over, more)] == ["proposal-lapsed", "provision-not-open"]
    assert during == []
    assert decided.status_code == 200


async def test_a_second_decision_is_a_conflict_and_of_three_at_once_one_wins(
    provision: Provision, referral: uuid.UUID
) -> None:
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()["id"]
    bodies = [AGREED, KEPT, AGREED]
    answers = await asyncio.gather(*(decide(provision.practitioner, referral, proposal, body) for body in bodies))
    won = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200)
    late = await decide(provision.practitioner, referral, proposal, KEPT)
    after = await read(provision, referral)

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert late.json()["code"] == "proposal-already-decided"
    assert after["proposals"][0]["decision"]["decision"] == won["decision"]
    assert after["stands"]["complexity"]["acc"] == ("high" if won is AGREED else "medium")


async def test_of_the_same_proposed_by_two_at_once_one_waits_and_the_other_is_told_which(
    provision: Provision, referral: uuid.UUID
) -> None:
    bodies = (LEVEL, LEVEL | {"proposed": "low"})
    answers = await asyncio.gather(*(does(provision.provider, referral, "proposals", body) for body in bodies))
    made, refused = sorted(answers, key=lambda answer: answer.status_code)

    assert (made.status_code, refused.status_code, refused.json()["code"]) == (201, 409, "proposal-undecided")
    assert refused.json()["proposal"] == made.json()["id"]


async def test_two_agreed_at_once_both_stand(provision: Provision, referral: uuid.UUID) -> None:
    proposals = [(await does(provision.provider, referral, "proposals", one)).json() for one in (LEVEL, OUTCOME)]
    answers = await asyncio.gather(*(decide(provision.practitioner, referral, one["id"], AGREED) for one in proposals))
    stands = (await read(provision, referral))["stands"]
    own = (await provision.rows("SELECT own FROM referral WHERE id = :id", id=referral))[0].own

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (stands["complexity"], "acc_avoid_loss" in stands["outcomes"]) == ({"acc": "high"}, True)
    assert own["complexity"]["value"] == stands["complexity"]
    assert own["desired_outcomes"]["value"] == stands["outcomes"]


async def test_a_later_version_says_what_stands_whatever_was_agreed_before_it(provision: Provision) -> None:
    referral = await provision.referral("started", content=content("low"), version=2)
    await make.add_proposal(provision.session, referral, provision.crn)
    await provision.session.commit()
    rows = await provision.rows("SELECT id FROM proposal WHERE referral_id = :id", id=referral)
    await provision.rows(
        "INSERT INTO proposal_decision (proposal_id, referral_id, crn, version, decision, reason, decided_by, "
        "decided_at) VALUES (:id, :referral, :crn, 1, 'agreed', 'Yes.', 'p.test', now())",
        id=rows[0].id,
        referral=referral,
        crn=provision.crn,
    )

    assert (await read(provision, referral))["stands"]["complexity"] == {"acc": "low"}


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (LEVEL | {"category": "dnr"}, ["/category"]),
        (LEVEL | {"proposed": "medium"}, ["/proposed"]),
        (OUTCOME | {"proposed": "acc_progress"}, ["/proposed"]),
        (OUTCOME | {"instead_of": "acc_avoid_loss"}, ["/instead_of"]),
        (LEVEL | {"reason": "  "}, ["/reason"]),
        ({}, ["/about", "/category", "/proposed", "/reason"]),
    ],
)
async def test_a_proposal_that_cannot_be_is_refused_by_the_name_of_its_fault_and_changes_nothing(
    provision: Provision, referral: uuid.UUID, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = await does(provision.provider, referral, "proposals", body)

    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, pointers)
    assert (await read(provision, referral))["proposals"] == []


async def test_a_decision_without_a_reason_is_refused(provision: Provision, referral: uuid.UUID) -> None:
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()["id"]
    answer = await decide(provision.practitioner, referral, proposal, {"decision": "agreed"})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await read(provision, referral))["proposals"][0]["decision"] is None


async def test_a_proposal_about_another_referral_is_not_there(provision: Provision, referral: uuid.UUID) -> None:
    another = await provision.referral("started", second_number=1, content=content())
    proposal = (await does(provision.provider, another, "proposals", LEVEL)).json()["id"]
    answers = [
        await decide(provision.practitioner, referral, proposal, AGREED),
        await decide(provision.practitioner, referral, str(uuid.uuid4()), AGREED),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() | {"trace_id": ""} == answers[1].json() | {"trace_id": ""}


async def test_neither_side_does_the_other_s_and_strangers_find_nothing(
    provision: Provision, referral: uuid.UUID, as_role: AsRole
) -> None:
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()["id"]
    theirs, ours = f"/v1/provider/referrals/{referral}/proposals", f"/v1/referrals/{referral}/proposals"
    decision = f"{ours}/{proposal}/decision"
    crossed = [await provision.provider.post(decision, json=AGREED), await provision.practitioner.post(theirs)]
    strangers = [as_role("practitioner", worker="s.stranger"), as_role(Role.PROVIDER, "s.worker", "another")]
    found = [
        await one.request(method, path, json=body)
        for one in strangers
        for method, path, body in (
            *(("GET", ours, None), ("GET", theirs, None)),
            *(("POST", theirs, LEVEL), ("POST", decision, AGREED)),
        )
    ]

    assert [answer.status_code for answer in crossed] == [403, 403]
    assert {answer.status_code for answer in found} == {404}


async def test_with_the_contract_ends_every_sight_of_it_for_the_provider_and_none_for_the_practitioner(
    provision: Provision, referral: uuid.UUID
) -> None:
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()["id"]
    await provision.rows("UPDATE contract_member SET ended_at = now() WHERE contract_id = :id", id=provision.contract)
    theirs = await provision.provider.get(f"/v1/provider/referrals/{referral}/proposals")
    more = await does(provision.provider, referral, "proposals", OUTCOME)
    decided = await decide(provision.practitioner, referral, proposal, KEPT)

    assert [answer.status_code for answer in (theirs, more, decided)] == [404, 404, 200]


async def test_a_proposal_and_its_decision_are_one_change_each_in_the_feed(
    provision: Provision, referral: uuid.UUID
) -> None:
    place = (await provision.provider.get("/v1/provider/changes")).json()["next"]
    proposal = (await does(provision.provider, referral, "proposals", LEVEL)).json()["id"]
    await decide(provision.practitioner, referral, proposal, AGREED)
    await decide(provision.practitioner, referral, proposal, AGREED)
    told = (await provision.provider.get("/v1/provider/changes", params={"after": place})).json()["items"]

    assert [(one["data"]["kind"], one["data"]["referral_id"]) for one in told] == [("referral", str(referral))] * 2


async def test_reasons_are_in_no_event_and_no_record(provision: Provision, referral: uuid.UUID) -> None:
    proposal = (await does(provision.provider, referral, "proposals", LEVEL | {"reason": "Secret."})).json()["id"]
    await decide(provision.practitioner, referral, proposal, AGREED | {"reason": "Secret."})
    events = await provision.rows("SELECT type, data FROM outbox_event WHERE crn = :crn ORDER BY id", crn=provision.crn)
    audit = await provision.rows(
        "SELECT outcome, CAST(details AS text) AS said FROM audit_entry WHERE :crn = ANY(crns)", crn=provision.crn
    )

    assert [row.type for row in events] == ["referral.change_proposed", "referral.proposal_decided"]
    assert [row.outcome for row in audit] == ["changed", "changed"]
    assert "Secret" not in str([row.data for row in events]) + str([row.said for row in audit])


async def test_a_repeat_with_the_same_key_is_one_proposal(provision: Provision, referral: uuid.UUID) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [await does(provision.provider, referral, "proposals", LEVEL, **key) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert len((await read(provision, referral))["proposals"]) == 1


@pytest.mark.parametrize("table", ["proposal", "proposal_decision", "end_of_service_report", "end_of_service_outcome"])
async def test_what_is_said_stays_as_it_is_by_right(session: Session, table: str) -> None:
    connection = await session.connection()
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET crn = 'X000000'"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with connection.begin_nested():
                await connection.execute(text(statement))


async def test_a_proposal_can_be_made_of_every_status_in_hand_and_of_no_other(
    provision: Provision, clock: Clock
) -> None:
    statuses = ("submitted", "received", "query", "accepted", "scheduled", "started", "completed", "withdrawn")
    told = []
    for number, status in enumerate(statuses):
        referral = await provision.referral(status, second_number=number, content=content())
        told.append((await does(provision.provider, referral, "proposals", LEVEL)).status_code)

    assert told == [409, 201, 201, 201, 201, 201, 409, 409]
