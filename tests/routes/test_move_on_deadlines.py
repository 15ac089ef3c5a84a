"""The board and the person's timeline name the same deadlines: whatever is recorded, and whatever numbers are set."""

import datetime
import json
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from service.db import Session
from service.domain.eligibility.thresholds import read_thresholds
from tests import make
from tests.make import A_MONDAY
from tests.routes.conftest import AsRole
from tests.routes.stays import House, does, open_house

pytestmark = pytest.mark.usefixtures("clock")
TODAY = A_MONDAY.date()
# What the board calls each of the timeline's.
NAMES = {"move_on_plan": "plan", "duty_to_refer": "duty_to_refer", "cas3_referral": "cas3"}
NAMES |= {"next_home_confirmed": "next_home"}
OPEN = {"due", "overdue", "upcoming"}
SET = {
    "move_on_plan_due": "3 weeks",
    "move_on_duty_to_refer_due": "10 weeks",
    "move_on_cas3_follows": "2 weeks",
    "next_home_confirmed_due": "3 weeks",
}
Prepared = Callable[[House, uuid.UUID], Coroutine[Any, Any, None]]


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    return await open_house(committing, as_role, crn)


@pytest.fixture(params=["usual", "set"])
def numbers(request: pytest.FixtureRequest, app: FastAPI) -> Iterator[None]:
    """The usual numbers, and others set for the place of work."""
    usual = app.state.thresholds
    if request.param == "set":
        app.state.thresholds = read_thresholds(SET)
    yield
    app.state.thresholds = usual


def referred(pack: str, status: str, days: int = 5, **columns: Any) -> Prepared:
    """A referral that was sent some days ago."""

    async def prepare(house: House, _: uuid.UUID) -> None:
        await make.add_recipient(house.session, f"{pack}-team", pack)
        at = A_MONDAY - datetime.timedelta(days=days)
        await make.add_sent_referral(
            house.session, house.crn, pack, status, at=at, recipient_id=f"{pack}-team", **columns
        )
        await house.session.commit()

    return prepare


def answered(as_of: int = 3, **values: Any) -> Prepared:
    """Something the profile says, of some days ago."""

    async def prepare(house: House, _: uuid.UUID) -> None:
        answers = {item: {"value": value, "as_of": ago(as_of).isoformat()} for item, value in values.items()}
        saved = await house.practitioner.patch(
            f"/v1/cases/{house.crn}/profile", json={"answers": answers}, headers={"If-Match": "*"}
        )
        assert saved.status_code == 200, saved.text

    return prepare


def written(act: str, body: dict[str, Any]) -> Prepared:
    """Something written of the stay."""

    async def prepare(house: House, stay: uuid.UUID) -> None:
        assert (await does(house.staff, stay, act, body)).status_code == 201

    return prepare


PLAN = written("move-on-plan", {"aim": "private_rented", "text": "A room near work."})
COUNCIL = referred("duty_to_refer", "submitted")
APPROVED = answered(release_accommodation={"address": "1 Invented Street", "approved": True})


async def both(house: House) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the resident's line of the board, and their timeline by what the board calls its deadlines."""
    (row,) = (await house.practitioner.get("/v1/move-on/board")).json()["items"]
    items = (await house.practitioner.get(f"/v1/cases/{house.crn}/timeline")).json()["items"]
    return row, {NAMES[one["name"]]: one for one in items if one["name"] in NAMES}


@pytest.mark.parametrize(
    ("arrived", "recorded"),
    [
        (3, []),
        (30, []),
        (3, [PLAN]),
        (3, [answered(2, move_on_plan="A room near work.")]),
        (3, [answered(20, move_on_plan="A room near work.")]),
        (3, [referred("cas3", "draft")]),
        (3, [written("homes", {"kind": "private_rented", "state": "looked_for"})]),
        (30, [PLAN, COUNCIL]),
        (30, [PLAN, referred("duty_to_refer", "received", 200)]),
        (30, [PLAN, referred("duty_to_refer", "rejected", 40)]),
        (30, [PLAN, referred("duty_to_refer", "withdrawn")]),
        (30, [PLAN, answered(duty_to_refer_made=True, duty_to_refer_made_on=ago(10).isoformat())]),
        (30, [PLAN, COUNCIL, referred("cas3", "submitted")]),
        (30, [PLAN, COUNCIL, referred("cas3", "rejected")]),
        (50, [PLAN, COUNCIL, referred("cas3", "scheduled")]),
        (50, [PLAN, COUNCIL, referred("cas3", "scheduled", status_reason="suspended_by_recall")]),
        (50, [PLAN, COUNCIL, referred("cas3", "completed", 0)]),
        (50, [PLAN, COUNCIL, referred("supported_housing", "scheduled")]),
        (50, [PLAN, written("homes", {"kind": "private_rented", "state": "confirmed"})]),
        (50, [PLAN, referred("approved_premises", "scheduled", 60)]),
        (50, [PLAN, APPROVED]),
        (90, [PLAN]),
    ],
)
@pytest.mark.usefixtures("numbers")
async def test_the_board_names_the_first_of_the_timelines_deadlines_that_is_not_met(
    house: House, arrived: int, recorded: list[Prepared]
) -> None:
    stay = await house.stay(arrived_on=ago(arrived))
    for prepare in recorded:
        await prepare(house, stay)
    row, timeline = await both(house)
    named = row["next_deadline"]
    undone = {name: one["due_on"] for name, one in timeline.items() if one["status"] in OPEN}

    assert (named["name"], named["due_on"]) == min(
        [*undone.items(), ("departure", row["expected_departure_on"])], key=lambda one: one[1]
    )
    if named["name"] in timeline:
        assert named["overdue"] is (timeline[named["name"]]["status"] == "overdue")


@pytest.mark.usefixtures("numbers")
async def test_who_has_not_come_yet_is_told_of_no_deadline_that_their_timeline_has_not(house: House) -> None:
    await house.stay()
    row, timeline = await both(house)

    assert row["next_deadline"]["name"] == "departure"
    assert {timeline[name]["status"] for name in ("plan", "next_home")} == {"not_needed"}


async def test_premises_are_told_nothing_by_a_deadline_of_a_referral_that_is_kept_from_them(house: House) -> None:
    stay = await house.stay(arrived_on=ago(30))
    await PLAN(house, stay)
    kept = {"must_not_receive": {"value": [{"worker": f"s-{house.crn.lower()}"}]}}
    await referred("duty_to_refer", "submitted", own=kept)(house, stay)
    said = {"source": "broker", "as_of": ago(5).isoformat(), "recorded_by": "p", "recorded_at": "-"}
    made = {"duty_to_refer_made": True, "duty_to_refer_made_on": ago(5).isoformat()}
    answers = json.dumps({item: {**said, "value": value} for item, value in made.items()})
    await house.rows("UPDATE profile SET answers = CAST(:all AS jsonb) WHERE crn = :crn", all=answers, crn=house.crn)
    seen = [
        (await client.get("/v1/move-on/board")).json()["items"][0]["next_deadline"]["name"]
        for client in (house.staff, house.practitioner)
    ]

    assert seen == ["duty_to_refer", "cas3"]
