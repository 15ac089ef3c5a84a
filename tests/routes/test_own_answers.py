"""What belongs to one referral alone over HTTP: who said it, who must not see it, what a new one starts from."""

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole
from tests.routes.drafting import change, know, ready_housing, refer, send, two_packs

__all__ = ["two_packs"]
pytestmark = pytest.mark.usefixtures("clock", "two_packs")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.open_case(committing, crn)
    await committing.commit()
    return crn


@pytest.fixture
def practitioner(as_role: AsRole) -> AsyncClient:
    return as_role("practitioner")


async def start(client: AsyncClient, crn: str, pack: str = "care", **columns: Any) -> str:
    made = await refer(client, crn, {"pack": pack, "recipient": f"{pack}-near", **columns})
    assert made.status_code == 201, made.text
    referral: str = made.json()["items"][0]["id"]
    return referral


async def shown(client: AsyncClient, referral: str) -> dict[str, Any]:
    page = (await client.get(f"/v1/referrals/{referral}")).json()
    return {question["id"]: question for section in page["sections"] for question in section["questions"]}


async def test_a_referrals_own_answer_says_who_recorded_it_and_when(practitioner: AsyncClient, case: str) -> None:
    referral = await start(practitioner, case)
    await change(practitioner, referral, answers={"what_for": {"value": "Help at home."}})

    assert (await shown(practitioner, referral))["what_for"]["provenance"] == {
        "source": "this referral",
        "as_of": "2026-11-23",
        "recorded_by": "p.test",
        "recorded_at": "2026-11-23T09:00:00Z",
    }


@pytest.mark.parametrize("way", ["rejected", "withdrawn", "expired"])
async def test_a_new_referral_starts_from_the_last_that_came_to_nothing_but_takes_over_no_decision(
    practitioner: AsyncClient, as_role: AsRole, committing: Session, case: str, way: str
) -> None:
    first = await start(practitioner, case)
    own = {"what_for": {"value": "Help at home."}, "consent": {"value": True}}
    await change(practitioner, first, answers=own, must_not_receive=[{"name": "Somebody", "reason": "A relation."}])
    await end(committing, first, way)
    second = await start(as_role("manager", worker="p.test"), case)
    questions = await shown(practitioner, second)
    page = (await practitioner.get(f"/v1/referrals/{second}")).json()

    assert (questions["what_for"]["value"], questions["consent"]["value"]) == ("Help at home.", None)
    assert questions["what_for"]["provenance"]["recorded_by"] == "p.test"
    assert page["must_not_receive"] == []


async def end(session: Session, referral: str, status: str) -> None:
    statement = text("UPDATE referral SET status = :status WHERE id = CAST(:id AS uuid)")
    await (await session.connection()).execute(statement, {"status": status, "id": referral})
    await session.commit()


async def test_what_was_said_of_another_category_of_service_is_not_taken_over(
    practitioner: AsyncClient, committing: Session, case: str
) -> None:
    first = await start(practitioner, case, service_category="acc")
    await change(practitioner, first, answers={"what_for": {"value": "A home."}})
    await end(committing, first, "rejected")
    other = await start(practitioner, case, service_category="ete")
    again = await start(practitioner, case, service_category="acc")

    assert (await shown(practitioner, other))["what_for"]["value"] is None
    assert (await shown(practitioner, again))["what_for"]["value"] == "A home."


@pytest.fixture
async def contracts(committing: Session, two_packs: None) -> None:
    for name, categories in (("homes", ["acc"]), ("wellbeing", ["ewb", "fso"])):
        await make.add_recipient(committing, f"care-{name}", "care", "there", categories=categories)
    await committing.commit()


@pytest.mark.usefixtures("contracts")
@pytest.mark.parametrize(
    ("recipient", "category", "code"),
    [
        ("care-homes", "ete", "wrong-category"),
        ("care-wellbeing", "acc", "wrong-category"),
        ("care-near", "zzz", "unknown-category"),
        (None, "zzz", "unknown-category"),
    ],
)
async def test_a_category_that_the_contract_does_not_hold_is_named(
    practitioner: AsyncClient, case: str, recipient: str | None, category: str, code: str
) -> None:
    wanted = {"pack": "care", "recipient": recipient, "service_category": category}
    refused = await refer(practitioner, case, {"pack": "housing"}, wanted)

    assert refused.status_code == 422
    faults = [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]]
    assert faults == [("/packs/1/service_category", code)]


@pytest.mark.usefixtures("contracts")
async def test_a_draft_is_not_moved_to_a_contract_without_its_category(practitioner: AsyncClient, case: str) -> None:
    made = await refer(practitioner, case, {"pack": "care", "recipient": "care-homes", "service_category": "acc"})
    referral = made.json()["items"][0]["id"]
    refused = await change(practitioner, referral, recipient="care-wellbeing")
    moved = await change(practitioner, referral, recipient="care-near")

    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, ["/recipient"])
    assert moved.status_code == 200


async def test_whom_a_referral_must_not_reach_is_told_to_its_sender_and_stops_it(
    as_role: AsRole, practitioner: AsyncClient, case: str
) -> None:
    referral = await ready_housing(practitioner, case)
    barred = [{"name": "Housing  NEAR", "reason": "A relation works there."}]
    changed = await change(practitioner, referral, must_not_receive=barred)
    stopped = await send(practitioner, referral)

    assert changed.json()["must_not_receive"] == barred
    assert (stopped.status_code, stopped.json()["code"]) == (409, "recipient-must-not-receive")

    somebody = [{"name": "a.test", "reason": "A relation of the victim."}]
    await change(practitioner, referral, must_not_receive=somebody)
    sent = await send(practitioner, referral)
    colleague = await as_role("assessor", worker="a.colleague", organisation="there").get(f"/v1/referrals/{referral}")

    assert (sent.status_code, colleague.status_code) == (201, 200)
    assert (await as_role("assessor", organisation="there").get(f"/v1/referrals/{referral}")).status_code == 404
    for shown_to_them in (sent.text, colleague.text):
        assert "relation of the victim" not in shown_to_them


async def test_a_must_not_receive_list_is_taken_back_and_merges_like_any_change(
    practitioner: AsyncClient, case: str
) -> None:
    referral = await start(practitioner, case)
    etag = (await practitioner.get(f"/v1/referrals/{referral}")).headers["etag"]
    await change(practitioner, referral, etag, must_not_receive=[{"name": "Somebody", "reason": "A relation."}])
    stale = await change(practitioner, referral, etag, must_not_receive=None)
    taken_back = await change(practitioner, referral, must_not_receive=None)

    assert (stale.status_code, stale.json()["changed_since"]) == (412, ["/must_not_receive"])
    assert taken_back.json()["must_not_receive"] == []


async def test_an_assessor_of_one_area_sees_no_referral_to_another(
    as_role: AsRole, practitioner: AsyncClient, committing: Session, case: str
) -> None:
    await set_area(committing, "housing-near", "north")
    referral = await ready_housing(practitioner, case)
    await send(practitioner, referral)
    north, south = [as_role("assessor", organisation="there", area=area) for area in ("north", "south")]
    seen = [(await who.get(f"/v1/referrals/{referral}")).status_code for who in (north, south)]
    listed, worked = [
        [
            referral in [item.get("referral_id") or item["id"] for item in (await who.get(path)).json()["items"]]
            for who in (north, south)
        ]
        for path in ("/v1/referrals", "/v1/work")
    ]
    taken = await south.post(f"/v1/referrals/{referral}/receipt")
    await set_area(committing, "housing-near", "")

    assert (seen, listed, worked) == ([200, 404], [True, False], [True, False])
    assert taken.status_code == 404


async def set_area(session: Session, recipient: str, area: str) -> None:
    statement = text("UPDATE recipient SET area = :area WHERE id = :id")
    await (await session.connection()).execute(statement, {"area": area, "id": recipient})
    await session.commit()


async def test_taking_a_rewording_back_takes_nothing_else_back(practitioner: AsyncClient, case: str) -> None:
    referral = await start(practitioner, case)
    await know(practitioner, case, risk="The public.")
    own = {"what_for": {"value": "What else the provider should know."}}
    await change(practitioner, referral, answers=own, variants={"risk": {"text": "People."}}, read={"risk": True})
    before = await shown(practitioner, referral)

    await change(practitioner, referral, variants={"risk": None})

    after = await shown(practitioner, referral)
    assert (before["risk"]["value"], after["risk"]["value"]) == ("People.", "The public.")
    assert after["what_for"] == before["what_for"]
    assert after["what_for"]["value"] == "What else the provider should know."
