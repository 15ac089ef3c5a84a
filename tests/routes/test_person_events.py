"""A death, a recall, a transfer, a merge: one act that moves every open referral of a person, or none."""

import uuid
from typing import Any

import pytest
from httpx import AsyncClient, Response

from service.db import Session
from tests import make
from tests.routes import traces
from tests.routes.conftest import AsRole, Clock

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    """Open a case with an approved-premises draft, a MAPPA referral accepted, and a CAS3 one that was rejected."""
    await make.open_case(committing, crn, worker=f"own.{crn}", team=f"team-{crn}", region="London")
    for pack, status in (("approved_premises", "draft"), ("mappa", "accepted"), ("cas3", "rejected")):
        await make.add_referral(committing, crn, pack, status=status)
    await committing.commit()
    return crn


@pytest.fixture
def own(as_role: AsRole, crn: str) -> AsyncClient:
    return as_role("practitioner", worker=f"own.{crn}")


async def report(client: AsyncClient, crn: str, kind: str, on: str = "2026-11-20", **more: Any) -> Response:
    body = {"kind": kind, "happened_on": on} | more
    return await client.post(f"/v1/cases/{crn}/events", json=body)


async def standing(session: Session, crn: str) -> dict[str, tuple[str, str | None]]:
    statement = "SELECT pack, status, status_reason FROM referral WHERE crn = :crn ORDER BY created_at, id"
    found = await traces.rows(session, statement, crn=crn)
    return {row["pack"]: (row["status"], row["status_reason"]) for row in found}


async def steps(session: Session, crn: str) -> list[tuple[str, str, str, str]]:
    statement = (
        "SELECT r.pack, s.from_status, s.to_status, s.reason FROM referral_step s "
        "JOIN referral r ON r.id = s.referral_id WHERE r.crn = :crn AND s.action = 'person_event' ORDER BY r.pack"
    )
    return [tuple(row.values()) for row in await traces.rows(session, statement, crn=crn)]


@pytest.mark.parametrize(
    ("kind", "premises", "mappa"),
    [
        ("death", ("withdrawn", "person_died"), ("withdrawn", "person_died")),
        ("recall_standard", ("withdrawn", "recalled"), ("accepted", "recalled")),
        ("recall_fixed_term", ("draft", "suspended_by_recall"), ("accepted", "suspended_by_recall")),
    ],
)
async def test_a_death_or_recall_reaches_every_open_referral_and_no_other(
    own: AsyncClient, committing: Session, case: str, kind: str, premises: Any, mappa: Any
) -> None:
    recorded = await report(own, case, kind)

    assert recorded.status_code == 201
    assert {(one["pack"], one["to_status"], one["reason"]) for one in recorded.json()["referrals"]} == {
        ("approved_premises", *premises),
        ("mappa", *mappa),
    }
    assert await standing(committing, case) == {
        "approved_premises": premises,
        "mappa": mappa,
        "cas3": ("rejected", None),
    }
    assert await steps(committing, case) == [
        ("approved_premises", "draft", *premises),
        ("mappa", "accepted", *mappa),
    ]


async def test_a_death_closes_the_case_and_leaves_it_on_the_record(
    own: AsyncClient, committing: Session, case: str
) -> None:
    recorded = await report(own, case, "death")
    page = (await own.get(f"/v1/cases/{case}")).json()

    assert (recorded.json()["case_status"], page["status"], page["closed_because"]) == (
        *("closed", "closed"),
        "person_died",
    )
    assert [(one["kind"], one["happened_on"]) for one in page["events"]] == [("death", "2026-11-20")]
    events = await traces.outbox_of(committing, case)
    assert [event["type"] for event in events] == ["referral.person_event"] * 2 + ["person.death"]
    assert case not in str(events)
    (entry,) = await traces.audit_of(committing, case, "record_person_event")
    assert (entry["outcome"], entry["details"]["event"], len(entry["details"]["referrals"])) == ("changed", "death", 2)
    assert (await report(own, case, "recall_standard")).json()["code"] == "case-closed"


async def test_a_fixed_term_recall_keeps_the_re_release_date(own: AsyncClient, case: str) -> None:
    await report(own, case, "recall_fixed_term", re_release_on="2026-12-18")

    (event,) = (await own.get(f"/v1/cases/{case}")).json()["events"]
    assert event["details"] == {"re_release_on": "2026-12-18"}


async def test_a_recall_is_recorded_once_a_day(own: AsyncClient, case: str) -> None:
    statuses = [(await report(own, case, "recall_fixed_term", on)).status_code for on in ("2026-11-20",) * 2]
    later = await report(own, case, "recall_fixed_term", "2026-11-21")

    assert (statuses, later.status_code) == ([201, 409], 201)


async def test_a_repeated_report_gets_the_first_answer(own: AsyncClient, committing: Session, case: str) -> None:
    body, headers = {"kind": "death", "happened_on": "2026-11-20"}, {"Idempotency-Key": str(uuid.uuid4())}
    answers = [await own.post(f"/v1/cases/{case}/events", json=body, headers=headers) for _ in range(2)]

    assert answers[0].status_code == answers[1].status_code == 201
    assert answers[0].json() == answers[1].json()
    assert len(await steps(committing, case)) == 2


async def test_a_transfer_hands_the_case_and_its_referrals_to_the_new_practitioner(
    own: AsyncClient, as_role: AsRole, committing: Session, case: str
) -> None:
    await make.add_worker(committing, f"new.{case}", region="Wales")
    await committing.commit()
    before = await standing(committing, case)
    recorded = await report(own, case, "transfer", region="Wales", worker_id=f"new.{case}")

    new = as_role("practitioner", worker=f"new.{case}")
    page = (await new.get(f"/v1/cases/{case}")).json()
    assert (recorded.status_code, page["region"], page["status"]) == (201, "Wales", "open")
    assert (await own.get(f"/v1/cases/{case}")).status_code == 404
    assert await standing(committing, case) == before
    assert [step[3] for step in await steps(committing, case)] == ["transferred", "transferred"]


async def test_who_only_looks_in_hands_nothing_over(as_role: AsRole, committing: Session, case: str) -> None:
    await make.add_worker(committing, f"else.{case}", region="Wales")
    await committing.commit()
    stranger = as_role("practitioner", worker=f"else.{case}")
    assert (await report(stranger, case, "death")).status_code == 404
    await stranger.post(f"/v1/cases/{case}/openings", json={"kind": "break_glass", "reason": "Found dead"})

    taken = await report(stranger, case, "transfer", region="Wales", worker_id=f"else.{case}")
    merged = await report(stranger, case, "merge", surviving_crn="X999999")
    died = await report(stranger, case, "death")
    assert [answer.status_code for answer in (taken, merged, died)] == [403, 403, 201]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"kind": "death", "happened_on": "2026-11-24"}, ["/happened_on"]),
        ({"kind": "death", "happened_on": "2026-11-23", "region": "Wales"}, ["/region"]),
        ({"kind": "death"}, ["/happened_on"]),
        ({"kind": "birth", "happened_on": "2026-11-23"}, [""]),
        (
            {"kind": "recall_fixed_term", "happened_on": "2026-11-20", "re_release_on": "2026-11-19"},
            ["/re_release_on"],
        ),
        ({"kind": "transfer", "happened_on": "2026-11-20", "region": "London", "worker_id": "w"}, ["/region"]),
        ({"kind": "transfer", "happened_on": "2026-11-20", "region": "Wales", "worker_id": "w"}, ["/worker_id"]),
        ({"kind": "transfer", "happened_on": "2026-11-20", "worker_id": "w"}, ["/region"]),
        ({"kind": "merge", "happened_on": "2026-11-20", "surviving_crn": "X999999"}, ["/surviving_crn"]),
    ],
)
async def test_what_cannot_be_is_refused_at_its_place_and_moves_nothing(
    own: AsyncClient, committing: Session, case: str, body: dict[str, Any], pointers: list[str]
) -> None:
    before = await standing(committing, case)
    refused = await own.post(f"/v1/cases/{case}/events", json=body)

    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, pointers)
    assert await standing(committing, case) == before


async def test_a_worker_of_another_region_than_the_new_one_does_not_take_over(
    own: AsyncClient, committing: Session, case: str
) -> None:
    await make.add_worker(committing, f"far.{case}", region="Kent")
    await committing.commit()
    refused = await report(own, case, "transfer", region="Wales", worker_id=f"far.{case}")

    assert refused.json()["errors"][0]["code"] == "other-region"
    assert (await own.get(f"/v1/cases/{case}")).json()["region"] == "London"


async def test_today_is_the_services_day(own: AsyncClient, clock: Clock, case: str) -> None:
    assert (await report(own, case, "death", "2026-11-24")).status_code == 422
    clock.advance(days=1)
    assert (await report(own, case, "death", "2026-11-24")).status_code == 201
