"""The end-of-service report: one entry for each outcome, written once, read by both sides, and by nobody else."""

import asyncio
import uuid
from typing import Any

import pytest

from service.access.callers import Role
from service.db import Session
from tests.routes.conftest import AsRole, Clock
from tests.routes.provision import Provision, does, open_provision
from tests.routes.test_proposals import AGREED, OUTCOME, content, decide

pytestmark = pytest.mark.usefixtures("clock")
PATH = "end-of-service-report"
OUTCOMES: dict[str, Any] = {
    "acc_progress": {"result": "met", "text": "A home from the first."},
    "acc_secure_housing": {"result": "not_met", "text": "No place was free."},
}
REPORT: dict[str, Any] = {"outcomes": OUTCOMES, "further": "The council has the papers."}


@pytest.fixture
async def provision(committing: Session, as_role: AsRole, crn: str) -> Provision:
    return await open_provision(committing, as_role, crn)


@pytest.fixture
async def referral(provision: Provision) -> uuid.UUID:
    """Commit a referral that asks for two outcomes."""
    return await provision.referral("started", content=content())


async def read(provision: Provision, referral: uuid.UUID) -> Any:
    answer = await provision.practitioner.get(f"/v1/referrals/{referral}/{PATH}")
    theirs = await provision.provider.get(f"/v1/provider/referrals/{referral}/{PATH}")
    assert answer.status_code == theirs.status_code
    assert answer.json() | {"trace_id": ""} == theirs.json() | {"trace_id": ""}
    return answer


async def test_a_report_says_of_each_outcome_how_far_it_was_reached_and_both_sides_read_it(
    provision: Provision, referral: uuid.UUID
) -> None:
    before = await read(provision, referral)
    written = await does(provision.provider, referral, PATH, REPORT)
    after = await read(provision, referral)

    assert (before.status_code, written.status_code) == (404, 201)
    assert after.json() == written.json()
    assert {one["outcome"]: one["result"] for one in after.json()["outcomes"]} == {
        "acc_progress": "met",
        "acc_secure_housing": "not_met",
    }
    assert (after.json()["further"], after.json()["written_by"]) == (REPORT["further"], f"v-{provision.crn.lower()}")


async def test_each_outcome_without_an_entry_and_each_entry_without_an_outcome_is_named(
    provision: Provision, referral: uuid.UUID
) -> None:
    only = {"acc_progress": OUTCOMES["acc_progress"], "fbd_debt": OUTCOMES["acc_progress"]}
    answer = await does(provision.provider, referral, PATH, {"outcomes": only})
    silent = await does(provision.provider, referral, PATH, {"outcomes": OUTCOMES | {"acc_progress": {"text": "So."}}})
    empty = await does(provision.provider, referral, PATH, {"outcomes": {}})

    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/outcomes/acc_secure_housing", "missing"),
        ("/outcomes/fbd_debt", "not-in-referral"),
    ]
    assert [one["pointer"] for one in silent.json()["errors"]] == ["/outcomes/acc_progress/result"]
    assert [one["pointer"] for one in empty.json()["errors"]] == [
        "/outcomes/acc_progress",
        "/outcomes/acc_secure_housing",
    ]
    assert (await read(provision, referral)).status_code == 404


async def test_an_outcome_agreed_since_is_reported_on_in_place_of_the_one_it_stands_for(
    provision: Provision, referral: uuid.UUID
) -> None:
    swap = OUTCOME | {"instead_of": "acc_progress"}
    proposal = (await does(provision.provider, referral, "proposals", swap)).json()
    await decide(provision.practitioner, referral, proposal["id"], AGREED)
    as_sent = await does(provision.provider, referral, PATH, REPORT)
    now = {"acc_secure_housing": OUTCOMES["acc_secure_housing"], "acc_avoid_loss": OUTCOMES["acc_progress"]}
    as_agreed = await does(provision.provider, referral, PATH, {"outcomes": now})

    assert (as_sent.status_code, as_agreed.status_code) == (422, 201)


async def test_a_report_is_written_once_and_of_three_at_once_one_is_kept(
    provision: Provision, referral: uuid.UUID
) -> None:
    bodies = [REPORT | {"further": further} for further in ("One.", "Two.", "Three.")]
    answers = await asyncio.gather(*(does(provision.provider, referral, PATH, body) for body in bodies))
    (kept,) = (answer for answer in answers if answer.status_code == 201)
    late = await does(provision.provider, referral, PATH, REPORT)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert late.json()["code"] == "report-already-written"
    assert (await read(provision, referral)).json() == kept.json()


async def test_it_is_written_once_work_has_begun_and_after_its_end_as_long_as_the_provider_sees_it(
    provision: Provision, clock: Clock
) -> None:
    statuses = ("received", "accepted", "scheduled", "started", "completed", "withdrawn", "rejected", "expired")
    told, referrals = [], []
    for number, status in enumerate(statuses):
        referrals.append(await provision.referral(status, second_number=number, content=content()))
        if status != "completed":
            told.append((await does(provision.provider, referrals[-1], PATH, REPORT)).status_code)
    clock.advance(days=28)
    late = await does(provision.provider, referrals[4], PATH, REPORT)

    assert told == [409, 409, 409, 201, 201, 409, 409]
    assert late.status_code == 404


async def test_strangers_and_those_whose_contract_has_ended_find_nothing_and_the_practitioner_still_reads_it(
    provision: Provision, referral: uuid.UUID, as_role: AsRole
) -> None:
    await does(provision.provider, referral, PATH, REPORT)
    ours, theirs = f"/v1/referrals/{referral}/{PATH}", f"/v1/provider/referrals/{referral}/{PATH}"
    strangers = [as_role("practitioner", worker="s.stranger"), as_role(Role.PROVIDER, "s.worker", "another")]
    found = [await one.get(path) for one in strangers for path in (ours, theirs)]
    found += [await one.post(theirs, json=REPORT) for one in strangers]
    await provision.rows("UPDATE contract_member SET ended_at = now() WHERE contract_id = :id", id=provision.contract)
    found.append(await provision.provider.get(theirs))

    assert {answer.status_code for answer in found} == {404}
    assert (await provision.practitioner.get(ours)).status_code == 200


async def test_a_report_is_one_change_in_the_feed_and_its_words_are_in_no_event_and_no_record(
    provision: Provision, referral: uuid.UUID
) -> None:
    place = (await provision.provider.get("/v1/provider/changes")).json()["next"]
    for _ in range(2):
        await does(provision.provider, referral, PATH, REPORT)
    told = (await provision.provider.get("/v1/provider/changes", params={"after": place})).json()["items"]
    events = await provision.rows("SELECT type, data FROM outbox_event WHERE crn = :crn", crn=provision.crn)
    audit = await provision.rows(
        "SELECT CAST(details AS text) AS said FROM audit_entry WHERE :crn = ANY(crns)", crn=provision.crn
    )

    assert [one["data"]["kind"] for one in told] == ["referral"]
    assert [row.type for row in events] == ["referral.service_reported"]
    assert "council" not in str([row.data for row in events]) + str([row.said for row in audit])
