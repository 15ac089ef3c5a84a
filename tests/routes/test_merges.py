"""Two CRNs of one person made into one: nothing lost, nothing twice, nobody let in who was kept out."""

import uuid
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.db import Session
from service.models.cases import Allocation
from service.models.screenings import MappaScreening
from tests import make, rows
from tests.routes import traces
from tests.routes.conftest import A_MONDAY, AsRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def survivor(crn: str) -> str:
    return f"S{crn[1:]}"


@pytest.fixture
async def cases(committing: Session, crn: str, survivor: str) -> None:
    """Open both cases, held by one practitioner."""
    for one in (crn, survivor):
        await make.open_case(committing, one, worker=f"own.{crn}")
    await committing.commit()


@pytest.fixture
def own(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"own.{crn}")


async def merge(client: AsyncClient, crn: str, survivor: str) -> Response:
    body = {"kind": "merge", "happened_on": "2026-11-20", "surviving_crn": survivor}
    return await client.post(f"/v1/cases/{crn}/events", json=body)


async def say(client: AsyncClient, crn: str, **values: Any) -> None:
    etag = (await client.get(f"/v1/cases/{crn}/profile")).headers["etag"]
    answers = {item: {"value": value} for item, value in values.items()}
    saved = await client.patch(f"/v1/cases/{crn}/profile", json={"answers": answers}, headers={"If-Match": etag})
    assert saved.status_code == 200, saved.text


async def found(session: Session, crn: str) -> dict[uuid.UUID, tuple[str, str | None]]:
    statement = "SELECT id, status, status_reason FROM referral WHERE crn = :crn"
    return {row["id"]: (row["status"], row["status_reason"]) for row in await traces.rows(session, statement, crn=crn)}


@pytest.mark.usefixtures("cases")
async def test_referrals_open_and_ended_go_to_the_surviving_case(
    own: AsyncClient, committing: Session, crn: str, survivor: str
) -> None:
    open_one = await make.add_referral(committing, crn, "cas3", status="submitted", version=1)
    ended = await make.add_referral(committing, crn, "mappa", status="rejected", version=1)
    await committing.commit()
    merged = await merge(own, crn, survivor)

    assert (merged.status_code, merged.json()["surviving_crn"], merged.json()["duplicates"]) == (201, survivor, [])
    assert await found(committing, survivor) == {open_one: ("submitted", None), ended: ("rejected", None)}
    assert await found(committing, crn) == {}
    page = (await own.get(f"/v1/cases/{crn}")).json()
    assert (page["status"], page["closed_because"], page["merged_into"]) == ("closed", "merged", survivor)


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize(("moving", "staying", "kept"), [("draft", "accepted", 1), ("accepted", "draft", 0)])
async def test_of_two_open_for_one_thing_one_is_withdrawn_and_named(
    own: AsyncClient, committing: Session, crn: str, survivor: str, moving: str, staying: str, kept: int
) -> None:
    pair = [
        await make.add_referral(committing, crn, "cas3", status=moving),
        await make.add_referral(committing, survivor, "cas3", status=staying),
    ]
    await committing.commit()
    merged = await merge(own, crn, survivor)

    assert merged.json()["duplicates"] == [{"withdrawn": str(pair[1 - kept]), "kept": str(pair[kept])}]
    assert await found(committing, survivor) == {
        pair[kept]: ("accepted", None),
        pair[1 - kept]: ("withdrawn", "merged_duplicate"),
    }


@pytest.mark.usefixtures("cases")
async def test_answers_come_over_where_there_are_none_and_conflict_where_they_differ(
    own: AsyncClient, crn: str, survivor: str
) -> None:
    await say(own, crn, tier="b2", family_name="Moved", nationality=["British"])
    await say(own, survivor, tier="c1", given_names="Pat", nationality=["British"])
    merged = await merge(own, crn, survivor)
    answers = (await own.get(f"/v1/cases/{survivor}/profile")).json()["answers"]

    assert merged.json()["answers"] == {"taken_over": ["family_name"], "conflicting": ["tier"], "set_aside": ["tier"]}
    assert {item: answer["value"] for item, answer in answers.items()} == {
        "tier": "c1",
        "family_name": "Moved",
        "given_names": "Pat",
        "nationality": ["British"],
    }
    assert answers["tier"]["conflict"]["value"] == "b2"
    header = (await own.get(f"/v1/cases/{survivor}")).json()
    assert (header["family_name"], header["given_names"]) == ("Moved", "Pat")


@pytest.mark.usefixtures("cases")
async def test_the_surviving_history_keeps_what_differed_and_the_old_one_stays(
    own: AsyncClient, crn: str, survivor: str
) -> None:
    await say(own, crn, tier="b2")
    await say(own, survivor, tier="c1")
    await merge(own, crn, survivor)

    entries = (await own.get(f"/v1/cases/{survivor}/profile/history")).json()["items"]
    assert {(entry["change"], entry["value"]) for entry in entries} == {
        ("set", "c1"),
        ("conflict", "c1"),
        ("set_aside", "b2"),
    }
    old = (await own.get(f"/v1/cases/{crn}/profile/history")).json()["items"]
    assert [entry["value"] for entry in old] == ["b2"]


@pytest.mark.usefixtures("cases")
async def test_a_draft_that_moves_must_be_read_again(
    own: AsyncClient, committing: Session, crn: str, survivor: str
) -> None:
    draft = await make.add_referral(committing, crn, "cas3", ticks={"needs": {"revision": 1}})
    sent = await make.add_referral(committing, crn, "mappa", status="submitted", ticks={"needs": {"revision": 1}})
    await committing.commit()
    await merge(own, crn, survivor)

    statement = "SELECT id, ticks FROM referral WHERE crn = :crn"
    ticks = {row["id"]: row["ticks"] for row in await traces.rows(committing, statement, crn=survivor)}
    assert ticks == {draft: {}, sent: {"needs": {"revision": 1}}}


@pytest.mark.usefixtures("cases")
async def test_screenings_and_a_practitioner_nobody_has_there_come_over(
    own: AsyncClient, committing: Session, crn: str, survivor: str
) -> None:
    when: dict[str, Any] = {"recorded_by": "p", "recorded_at": A_MONDAY, "screened_on": A_MONDAY.date()}
    await rows.add(committing, MappaScreening(crn=crn, category="2", level="1", reason="Registered", **when))
    held: dict[str, Any] = {"allocated_by": "m", "started_at": A_MONDAY}
    await rows.add(committing, Allocation(crn=crn, worker_id=f"jail.{crn}", capacity="prison_practitioner", **held))
    await committing.commit()
    await merge(own, crn, survivor)

    statement = "SELECT category, level, recorded_by FROM mappa_screening WHERE crn = :crn"
    assert await traces.rows(committing, statement, crn=survivor) == [
        {"category": "2", "level": "1", "recorded_by": "p"}
    ]
    allocations = (await own.get(f"/v1/cases/{survivor}")).json()["allocations"]
    assert [one["worker_id"] for one in allocations] == [f"own.{crn}", f"jail.{crn}"]


@pytest.mark.usefixtures("cases")
async def test_nobody_kept_from_either_case_sees_the_one_that_is_left(
    own: AsyncClient, as_role: AsRole, committing: Session, crn: str, survivor: str
) -> None:
    await make.limit_access(committing, crn, excluded=[f"kin.{crn}"])
    await make.add_worker(committing, f"own.{crn}", f"team-{crn}")
    await make.add_worker(committing, f"kin.{crn}", f"team-{crn}")
    await committing.commit()
    await as_role("administrator").put(f"/v1/workers/own.{crn}", json={"name": "Own", "team": f"team-{crn}"})
    kin = as_role("practitioner", worker=f"kin.{crn}")
    assert (await kin.get(f"/v1/cases/{survivor}")).status_code == 200
    await merge(own, crn, survivor)

    assert (await kin.get(f"/v1/cases/{survivor}")).status_code == 404


@pytest.mark.usefixtures("cases")
async def test_that_the_surviving_case_exists_is_told_only_to_those_who_may_see_it(
    own: AsyncClient, as_role: AsRole, crn: str, survivor: str
) -> None:
    await merge(own, crn, survivor)
    limits = {"restricted": True, "allowed": [], "excluded": []}
    await as_role("record_system").put(f"/v1/cases/{survivor}/limited-access", json=limits)

    page = await own.get(f"/v1/cases/{crn}")
    assert (page.status_code, page.json()["closed_because"], page.json()["merged_into"]) == (200, "merged", None)
    assert survivor not in page.text


@pytest.mark.usefixtures("cases")
async def test_a_merge_into_a_closed_case_is_refused(own: AsyncClient, crn: str, survivor: str) -> None:
    await own.post(f"/v1/cases/{survivor}/events", json={"kind": "death", "happened_on": "2026-11-20"})
    refused = await merge(own, crn, survivor)

    assert (refused.status_code, refused.json()["code"]) == (409, "case-closed")


@pytest.mark.usefixtures("cases")
async def test_a_case_is_not_merged_into_one_the_caller_only_looks_into(
    as_role: AsRole, own: AsyncClient, committing: Session, crn: str
) -> None:
    other = f"T{crn[1:]}"
    await make.open_case(committing, other, worker=f"else.{crn}")
    await committing.commit()
    unseen = await merge(own, crn, other)
    await own.post(f"/v1/cases/{other}/openings", json={"kind": "reason", "reason": "The same man"})
    seen = await merge(own, crn, other)

    assert (unseen.status_code, unseen.json()["errors"][0]["pointer"]) == (422, "/surviving_crn")
    assert seen.status_code == 403


@pytest.mark.usefixtures("cases")
async def test_both_people_are_named_on_the_record_and_neither_in_an_event(
    own: AsyncClient, committing: Session, crn: str, survivor: str
) -> None:
    await merge(own, crn, survivor)

    (entry,) = await traces.audit_of(committing, crn, "record_person_event")
    assert set(entry["crns"]) == {crn, survivor}
    events = [*await traces.outbox_of(committing, crn), *await traces.outbox_of(committing, survivor)]
    assert [event["type"] for event in events] == ["person.merge"]
    assert crn not in str(events)
    assert survivor not in str(events)
