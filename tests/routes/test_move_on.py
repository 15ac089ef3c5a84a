"""The move-on board over HTTP: who is on it, in which order, page by page, and what it says of each."""

import csv
import datetime
import io
import uuid
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.contract.watching import watched
from tests.make import A_MONDAY
from tests.routes.conftest import AsRole, Clock
from tests.routes.stays import House, does, open_house

pytestmark = pytest.mark.usefixtures("clock")
TODAY = A_MONDAY.date()
BOARD = "/v1/move-on/board"


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    return await open_house(committing, as_role, crn)


async def refer(house: House, crn: str, status: str, pack: str = "cas3") -> uuid.UUID:
    await make.add_recipient(house.session, f"{pack}-team", pack)
    referral = await make.add_sent_referral(house.session, crn, pack, status, recipient_id=f"{pack}-team")
    await house.session.commit()
    return referral


async def board(client: AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(BOARD, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def fill(house: House, crn: str) -> dict[str, str]:
    """Commit residents by name: in which order they are in danger is the order of the names."""
    people = {
        name: f"{letter}{crn[1:]}" for name, letter in zip(("first", "second", "third", "last"), "RSTU", strict=True)
    }
    for name, arrived in {"first": 70, "second": 60, "third": 10, "last": 80}.items():
        await house.person(people[name])
        await house.stay(people[name], arrived_on=ago(arrived))
    await refer(house, people["second"], "received")
    await refer(house, people["last"], "scheduled")
    return people


async def test_the_board_is_in_the_order_of_danger_and_says_whose_move_it_is(house: House, crn: str) -> None:
    people = await fill(house, crn)
    rows = await board(house.staff)
    theirs = await board(house.practitioner)

    assert [row["crn"] for row in rows] == list(people.values())
    assert rows == theirs
    assert [row["state"] for row in rows] == ["no_plan", "referred", "no_plan", "confirmed"]
    assert [row["at_risk"] for row in rows] == [True, True, False, False]
    assert [(row["whose_move"], row["blocked_by"]) for row in rows] == [
        *(("premises", "no_plan"), ("recipient", "not_decided"), ("premises", "no_plan"), ("person", None)),
    ]
    assert [row["nights_left"] for row in rows] == [14, 24, 74, 4]
    assert rows[3]["next_home"] == {"kind": "cas3", "begins_on": None}
    assert rows[0]["next_deadline"] == {"name": "plan", "due_on": ago(56).isoformat(), "overdue": True}
    assert (rows[1]["referrals"][0]["status"], rows[1]["referrals"][0]["recipient"]) == ("received", "cas3-team")


async def test_the_board_leaves_one_row_on_the_record_that_names_everybody_shown(house: House, crn: str) -> None:
    people = await fill(house, crn)
    answer = await house.staff.get(BOARD)
    rows = await house.rows(
        "SELECT action, crns FROM audit_entry WHERE trace_id = :trace_id", trace_id=answer.headers["trace-id"]
    )

    assert [(row.action, sorted(row.crns)) for row in rows] == [("read_board", sorted(people.values()))]


async def test_the_number_of_statements_is_the_same_for_one_resident_and_for_many(house: House, crn: str) -> None:
    await house.stay(arrived_on=TODAY)
    with watched() as few:
        await board(house.staff)
    await fill(house, crn)
    with watched() as many:
        await board(house.staff)

    assert len(few) == len(many)


async def test_other_premises_and_restricted_residents_are_not_on_the_board(house: House, crn: str) -> None:
    people = await fill(house, crn)
    await house.rows("UPDATE case_record SET restricted = TRUE WHERE crn = :crn", crn=people["first"])
    await house.rows(
        "UPDATE stay SET premises_id = :elsewhere WHERE crn = :crn", elsewhere=house.elsewhere, crn=people["second"]
    )
    seen = [[row["crn"] for row in await board(client)] for client in (house.staff, house.others, house.practitioner)]

    assert seen[0] == [people["third"], people["last"]]
    assert seen[1] == [people["second"]]
    assert seen[2] == [people["second"], people["third"], people["last"]]


async def test_a_referral_is_not_shown_to_staff_it_must_not_reach(house: House) -> None:
    await house.stay(arrived_on=TODAY)
    await refer(house, house.crn, "received")
    named = f'{{"must_not_receive": {{"value": [{{"worker": "s-{house.crn.lower()}"}}]}}}}'
    await house.rows("UPDATE referral SET own = CAST(:own AS jsonb) WHERE crn = :crn", own=named, crn=house.crn)

    assert [len((await board(client))[0]["referrals"]) for client in (house.staff, house.practitioner)] == [0, 1]


async def test_nobody_is_missed_between_the_pages_of_a_board_whatever_changes_meanwhile(
    house: House, crn: str, clock: Clock
) -> None:
    people = await fill(house, crn)
    first = (await house.practitioner.get(BOARD, params={"limit": 2})).json()
    clock.advance(minutes=1)
    # The third in danger would come first now, and the first of the next page was shown already.
    third = next(row for row in await board(house.practitioner) if row["crn"] == people["third"])
    body = {"expected_departure_on": "2026-11-25", "reason": "The licence ends then."}
    await does(house.practitioner, third["stay_id"], "extension", body)
    seen, cursor = [row["crn"] for row in first["items"]], first["next"]
    while cursor:
        page = (await house.practitioner.get(BOARD, params={"limit": 1, "cursor": cursor})).json()
        seen += [row["crn"] for row in page["items"]]
        cursor = page["next"]

    assert seen == [people[name] for name in ("first", "second", "last", "third")]


async def test_the_board_is_narrowed_by_premises_region_practitioner_and_risk(house: House, crn: str) -> None:
    people = await fill(house, crn)
    await house.rows(
        "UPDATE stay SET premises_id = :elsewhere WHERE crn = :crn", elsewhere=house.elsewhere, crn=people["third"]
    )
    await house.rows("UPDATE premises SET region = 'wales' WHERE id = :id", id=house.elsewhere)
    seen = {
        name: [row["crn"] for row in await board(house.manager, **query)]
        for name, query in {
            "premises": {"premises": house.elsewhere},
            "region": {"region": "wales"},
            "practitioner": {"practitioner": f"p-{crn.lower()}"},
            "another": {"practitioner": "p.nobody"},
            "at_risk": {"at_risk": "true"},
        }.items()
    }

    assert seen["premises"] == seen["region"] == [people["third"]]
    assert len(seen["practitioner"]) == 4
    assert seen["another"] == []
    assert seen["at_risk"] == [people["first"], people["second"]]


@pytest.mark.parametrize("asked", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
async def test_the_board_as_csv_has_a_line_a_resident_and_no_formula(
    house: House, crn: str, asked: dict[str, Any]
) -> None:
    people = await fill(house, crn)
    await house.rows("UPDATE case_record SET family_name = '=1+1' WHERE crn = :crn", crn=people["first"])
    answer = await house.staff.get(BOARD, **asked)
    lines = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"].startswith("text/csv")
    assert [line["crn"] for line in lines] == list(people.values())
    assert (lines[0]["family_name"], lines[0]["at_risk"], lines[0]["nights_left"]) == ("'=1+1", "yes", "14")
    assert lines[1]["referrals"] == "cas3:received"


async def test_a_draft_that_was_passed_to_the_premises_is_their_move(house: House) -> None:
    await house.stay(arrived_on=TODAY)
    draft = await refer(house, house.crn, "draft")
    before = (await board(house.staff))[0]["whose_move"]
    await house.rows(
        "INSERT INTO passed_work (referral_id, crn, side, act, passed_by, at) "
        "VALUES (:id, :crn, 'premises', 'given', 'p.test', now())",
        id=draft,
        crn=house.crn,
    )

    assert (before, (await board(house.staff))[0]["whose_move"]) == ("practitioner", "premises")


async def test_a_home_found_otherwise_is_followed_until_it_is_confirmed(house: House) -> None:
    stay = await house.stay(arrived_on=ago(60))
    planned = await does(house.staff, stay, "move-on-plan", {"aim": "private_rented", "text": "A room near work."})
    body = {"kind": "private_rented", "state": "offered", "available_from": "2026-12-10"}
    offered = (await does(house.staff, stay, "homes", body)).json()
    again = body | {"state": "confirmed", "replaces": offered["homes"][0]["id"]}
    confirmed = (await does(house.practitioner, stay, "homes", again)).json()
    twice = await does(house.staff, stay, "homes", again)
    row = (await board(house.staff))[0]

    assert (planned.status_code, planned.json()["state"], planned.json()["plan"]["aim"]) == (
        201,
        "plan",
        "private_rented",
    )
    assert (offered["state"], offered["whose_move"], offered["blocked_by"]) == (
        "offered",
        "premises",
        "home_to_confirm",
    )
    assert (confirmed["state"], confirmed["at_risk"], len(confirmed["homes"])) == ("confirmed", False, 2)
    assert [fault["code"] for fault in twice.json()["errors"]] == ["unknown-home"]
    assert row["next_home"] == {"kind": "private_rented", "begins_on": "2026-12-10"}


async def test_what_became_of_somebody_is_said_at_28_and_84_days_and_a_home_lost_is_seen(
    house: House, clock: Clock
) -> None:
    stay = await house.stay(arrived_on=ago(60))
    left = {"departed_on": TODAY.isoformat(), "reason": "planned_move_on", "move_on_category": "private_rented"}
    early = await does(house.practitioner, stay, "outcomes", {"checkpoint": "departure", "outcome": "settled"})
    await does(house.staff, stay, "departure", left)
    at_departure = (await house.practitioner.get(f"/v1/placements/{stay}/move-on")).json()
    homeless = {"checkpoint": "day_28", "outcome": "homeless", "note": "The landlord sold."}
    too_soon = await does(house.practitioner, stay, "outcomes", homeless)
    clock.advance(days=28)
    said = (await does(house.practitioner, stay, "outcomes", homeless)).json()
    corrected = (await does(house.practitioner, stay, "outcomes", homeless | {"outcome": "transient"})).json()

    assert (early.status_code, early.json()["code"]) == (409, "transition-not-allowed")
    assert (at_departure["state"], at_departure["whose_move"]) == ("moved", "nobody")
    assert [(one["checkpoint"], one["outcome"]) for one in at_departure["outcomes"]] == [("departure", "settled")]
    assert too_soon.json()["errors"][0]["code"] == "not-yet"
    assert (said["outcomes"][1]["outcome"], said["home_lost"]) == ("homeless", True)
    assert (corrected["outcomes"][1]["outcome"], corrected["home_lost"]) == ("transient", False)
    assert (await does(house.staff, stay, "outcomes", homeless)).status_code == 404


async def test_a_fixed_term_recall_stands_on_the_board_until_the_person_is_back(house: House) -> None:
    await house.stay(arrived_on=ago(60))
    event = {"kind": "recall_fixed_term", "happened_on": ago(2).isoformat()}
    await house.practitioner.post(f"/v1/cases/{house.crn}/events", json=event)
    row = (await board(house.staff))[0]

    assert (row["status"], row["at_risk"], row["nights_left"]) == ("suspended", False, None)
    assert (row["whose_move"], row["since"], row["blocked_by"]) == (
        *("practitioner", ago(2).isoformat(), "suspended_by_recall"),
    )


async def test_a_cursor_that_no_page_gave_is_refused(house: House) -> None:
    answer = await house.staff.get(BOARD, params={"cursor": "abc"})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/cursor")
