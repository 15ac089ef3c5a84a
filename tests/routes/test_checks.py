"""A check is asked, chased and answered; the profile says the same; what is overdue is found by whose case it is."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from service.db import Session
from service.domain.eligibility.thresholds import read_thresholds
from tests import make
from tests.contract.watching import watched
from tests.routes import traces
from tests.routes.conftest import A_MONDAY, AsRole, Clock
from tests.routes.loops import Loop, open_loop

pytestmark = pytest.mark.usefixtures("clock")
POLICE = {"kind": "domestic_abuse", "asked_of": "Police, domestic abuse desk"}
CHILDREN = {"kind": "child_safeguarding", "asked_of": "Children's services"}
HELD = {"result": "information_held", "detail": "Secret words."}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def ask(loop: Loop, body: dict[str, Any]) -> Response:
    return await loop.practitioner.post(f"/v1/cases/{loop.crn}/checks", json=body)


async def does(loop: Loop, check: str, what: str, body: dict[str, Any]) -> Response:
    return await loop.practitioner.post(f"/v1/cases/{loop.crn}/checks/{check}/{what}", json=body)


async def standing(loop: Loop) -> dict[str, dict[str, Any]]:
    answer = await loop.practitioner.get(f"/v1/cases/{loop.crn}/checks")
    assert answer.status_code == 200, answer.text
    return {one["kind"]: one for one in answer.json()["items"]}


async def learn(loop: Loop, client: AsyncClient | None = None, **values: Any) -> None:
    body = {"answers": {item: {"value": value} for item, value in values.items()}}
    address, headers = f"/v1/cases/{loop.crn}/profile", {"If-Match": "*"}
    saved = await (client or loop.practitioner).patch(address, json=body, headers=headers)
    assert saved.status_code == 200, saved.text


async def profile(loop: Loop) -> dict[str, Any]:
    answers = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/profile")).json()["answers"]
    return {item.removeprefix("domestic_abuse_check_"): answer["value"] for item, answer in answers.items()}


async def test_a_new_relationship_makes_both_checks_due_and_asking_and_answering_settles_it(
    loop: Loop, clock: Clock
) -> None:
    before = await standing(loop)
    await learn(loop, partner_relationship="A new partner, disclosed on Monday.")
    due = await standing(loop)
    clock.advance(days=1)
    check = (await ask(loop, POLICE)).json()["id"]
    clock.advance(days=5)
    chased = await does(loop, check, "chases", {"how": "phone"})
    answered = await does(loop, check, "answer", HELD)
    after = (await standing(loop))["domestic_abuse"]

    assert {one["status"] for one in before.values()} == {"not_needed"}
    assert [(one["status"], one["reasons"][0]["because"], one["due_on"]) for one in due.values()] == [
        ("due", "new_relationship", "2026-11-30")
    ] * 2
    assert due["domestic_abuse"]["since"] == A_MONDAY.isoformat().replace("+00:00", "Z")
    assert (chased.status_code, answered.status_code) == (201, 200)
    assert (after["status"], after["valid_until"], after["reasons"]) == ("answered", "2027-02-28", [])
    assert after["asked"] == [answered.json()]
    assert [one["how"] for one in after["asked"][0]["chases"]] == ["phone"]


async def test_what_is_recorded_stands_in_the_profile_too(loop: Loop, clock: Clock) -> None:
    check = (await ask(loop, POLICE)).json()["id"]
    asked = await profile(loop)
    await does(loop, check, "chases", {"how": "email"})
    await does(loop, check, "answer", HELD)
    answered = await profile(loop)
    clock.advance(days=1)
    again = (await ask(loop, POLICE)).json()["id"]
    asked_again = await profile(loop)
    await does(loop, again, "answer", {"result": "nothing_held"})
    at_last = await profile(loop)

    assert asked == {"asked_of": POLICE["asked_of"], "requested_on": "2026-11-23", "result": "outstanding"}
    assert answered == asked | {"chased_on": "2026-11-23", "answered_on": "2026-11-23"} | {
        "result": "information_held", "detail": "Secret words."
    }  # fmt: skip
    assert (asked_again["requested_on"], asked_again["result"]) == ("2026-11-24", "information_held")
    assert "chased_on" not in asked_again
    assert (at_last["result"], "detail" in at_last) == ("nothing_held", False)


async def test_something_learned_after_the_asking_makes_an_answered_check_due_again(loop: Loop, clock: Clock) -> None:
    check = (await ask(loop, POLICE)).json()["id"]
    clock.advance(hours=1)
    await learn(loop, home_address="1 New Street")
    waiting = (await standing(loop))["domestic_abuse"]
    await does(loop, check, "answer", {"result": "nothing_held"})
    due = (await standing(loop))["domestic_abuse"]

    assert (waiting["status"], [one["because"] for one in waiting["reasons"]]) == ("asked", ["new_address"])
    assert (due["status"], due["reasons"][0]["item"]) == ("due", "home_address")


async def test_the_same_address_again_and_one_taken_back_make_nothing_due(loop: Loop, clock: Clock) -> None:
    await learn(loop, home_address="1 New Street")
    clock.advance(hours=1)
    check = (await ask(loop, POLICE)).json()["id"]
    await does(loop, check, "answer", {"result": "nothing_held"})
    clock.advance(hours=1)
    await learn(loop, home_address="1 New Street", partner_relationship="Said in error.")
    await learn(loop, partner_relationship=None)

    assert (await standing(loop))["domestic_abuse"]["status"] == "answered"


async def test_a_check_that_is_unanswered_is_asked_again_only_in_its_place(loop: Loop) -> None:
    first = (await ask(loop, POLICE)).json()["id"]
    twice = await ask(loop, POLICE)
    unknown = await ask(loop, CHILDREN | {"replaces": first})
    other = await ask(loop, POLICE | {"asked_of": "Another force", "replaces": first})
    late = [await does(loop, first, "chases", {"how": "letter"}), await does(loop, first, "answer", HELD)]
    asked = (await standing(loop))["domestic_abuse"]["asked"]

    assert (twice.status_code, twice.json()["code"], twice.json()["check_id"]) == (409, "check-already-asked", first)
    assert [fault["pointer"] for fault in unknown.json()["errors"]] == ["/replaces"]
    assert other.status_code == 201, other.text
    assert [one.json()["code"] for one in late] == ["check-settled"] * 2
    assert {one["id"]: one["replaced_by"] for one in asked} == {first: other.json()["id"], other.json()["id"]: None}


@pytest.mark.parametrize(
    ("what", "body", "pointers"),
    [
        ("", POLICE | {"asked_on": "2026-11-24"}, ["/asked_on"]),
        ("", POLICE | {"asked_of": " "}, ["/asked_of"]),
        ("", POLICE | {"kind": "other"}, ["/kind"]),
        ("/chases", {"how": "phone", "chased_on": "2026-11-24"}, ["/chased_on"]),
        ("/chases", {"how": "phone", "chased_on": "2026-11-22"}, ["/chased_on"]),
        ("/chases", {"how": "shouting"}, ["/how"]),
        ("/answer", HELD | {"answered_on": "2026-11-24"}, ["/answered_on"]),
        ("/answer", {"result": "information_held"}, ["/detail"]),
        ("/answer", HELD | {"valid_until": "2027-02-24"}, ["/valid_until"]),
        ("/answer", HELD | {"valid_until": "2026-11-22"}, ["/valid_until"]),
    ],
)
async def test_what_cannot_be_is_refused_naming_the_field_and_changes_nothing(
    loop: Loop, what: str, body: dict[str, Any], pointers: list[str]
) -> None:
    check = (await ask(loop, CHILDREN)).json()["id"] if what else ""
    before = await traces.outbox_of(loop.session, loop.crn)
    address = f"/v1/cases/{loop.crn}/checks" + (f"/{check}{what}" if what else "")
    refused = await loop.practitioner.post(address, json=body)

    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, pointers)
    assert await traces.outbox_of(loop.session, loop.crn) == before


async def test_words_that_came_back_are_in_no_event_record_or_chaser(loop: Loop) -> None:
    await learn(loop, family_name="Invented", partner_relationship="Secret words.")
    check = (await ask(loop, POLICE)).json()["id"]
    await does(loop, check, "chases", {"how": "phone"})
    drafted = await loop.practitioner.get(f"/v1/cases/{loop.crn}/checks/{check}/chaser")
    await does(loop, check, "answer", HELD)
    settled = await loop.practitioner.get(f"/v1/cases/{loop.crn}/checks/{check}/chaser")
    events = await traces.outbox_of(loop.session, loop.crn)
    said = await traces.rows(
        loop.session, "SELECT CAST(a AS text) AS row FROM audit_entry a WHERE :crn = ANY(crns)", crn=loop.crn
    )

    assert drafted.json()["to"] == POLICE["asked_of"]
    assert "23 November 2026" in drafted.json()["text"]
    assert settled.json()["code"] == "check-settled"
    assert [one["type"] for one in events if one["type"].startswith("check.")] == [
        *("check.asked", "check.chased", "check.answered")
    ]
    for told in (str(events), str(said), drafted.text):
        assert "Secret" not in told
        assert "Invented" not in told
    assert "information_held" not in str(events)


async def test_a_draft_shows_how_the_checks_stand_and_no_more(loop: Loop) -> None:
    draft = await loop.referral("draft", pack="mappa", pack_version="2026-11")
    check = (await ask(loop, POLICE)).json()["id"]
    await does(loop, check, "answer", HELD)
    shown = (await loop.practitioner.get(f"/v1/referrals/{draft}")).json()["checks"]

    assert shown == [
        {"kind": "domestic_abuse", "status": "answered", "due_on": None},
        {"kind": "child_safeguarding", "status": "due", "due_on": "2026-11-30"},
    ]


async def test_a_check_of_another_person_is_not_there(loop: Loop, as_role: AsRole) -> None:
    other = f"Y{loop.crn[1:]}"
    await make.open_case(loop.session, other, f"p-{loop.crn.lower()}")
    check = str(await make.add_check(loop.session, other))
    await loop.session.commit()
    tried = [await does(loop, check, "chases", {"how": "phone"}), await does(loop, check, "answer", HELD)]
    tried.append(await loop.practitioner.get(f"/v1/cases/{loop.crn}/checks/{check}/chaser"))

    assert [one.status_code for one in tried] == [404, 404, 404]


async def test_two_who_ask_at_once_ask_once(loop: Loop) -> None:
    answers = await asyncio.gather(*(ask(loop, POLICE) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


async def test_two_who_answer_at_once_answer_once(loop: Loop) -> None:
    check = (await ask(loop, POLICE)).json()["id"]
    answers = await asyncio.gather(*(does(loop, check, "answer", HELD) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]


async def test_a_closed_case_takes_no_more(loop: Loop) -> None:
    check = (await ask(loop, POLICE)).json()["id"]
    death = {"kind": "death", "happened_on": "2026-11-22"}
    assert (await loop.practitioner.post(f"/v1/cases/{loop.crn}/events", json=death)).status_code == 201
    tried = [await ask(loop, CHILDREN), await does(loop, check, "answer", HELD)]

    assert [one.json()["code"] for one in tried] == ["case-closed"] * 2


async def test_a_merged_case_takes_its_checks_along(loop: Loop) -> None:
    survivor = f"Y{loop.crn[1:]}"
    await make.open_case(loop.session, survivor, f"p-{loop.crn.lower()}")
    await loop.session.commit()
    check = (await ask(loop, POLICE)).json()["id"]
    await does(loop, check, "chases", {"how": "phone"})
    merge = {"kind": "merge", "happened_on": "2026-11-23", "surviving_crn": survivor}
    assert (await loop.practitioner.post(f"/v1/cases/{loop.crn}/events", json=merge)).status_code == 201
    answered = await loop.practitioner.post(f"/v1/cases/{survivor}/checks/{check}/answer", json=HELD)

    assert (answered.status_code, len(answered.json()["chases"])) == (200, 1)


async def overdue(client: AsyncClient, **asked: Any) -> list[tuple[str, str]]:
    answer = await client.get("/v1/checks", params={"status": "overdue", **asked})
    assert answer.status_code == 200, answer.text
    return [(one["crn"], one["kind"]) for one in answer.json()["items"]]


async def team_of_three(loop: Loop) -> list[str]:
    """Commit three cases of one team in two regions, of two practitioners, with checks asked long ago."""
    crns = [f"T{int(loop.crn[1:]) % 1000:03d}{number:03d}" for number in range(3)]
    for number, crn in enumerate(crns):
        region = "wales" if number == 2 else "london"
        await make.open_case(loop.session, crn, f"p{number % 2}.{loop.crn}", f"team-{loop.crn}", region=region)
        await make.add_check(loop.session, crn, at=A_MONDAY.replace(day=1 + number))
    await make.add_worker(loop.session, f"m.{loop.crn}", f"team-{loop.crn}")
    await loop.session.commit()
    return crns


async def test_how_long_a_check_may_stand_is_set_in_one_place_for_the_case_the_list_and_the_work(
    loop: Loop, app: FastAPI, clock: Clock
) -> None:
    await learn(loop, partner_relationship="A new partner, disclosed on Monday.")
    clock.advance(days=8)
    usual = app.state.thresholds
    app.state.thresholds = read_thresholds({"check_asked_within": "10 days"})
    try:
        set_here = [one["due_on"] for one in (await standing(loop)).values()], await overdue(loop.practitioner)
        work = (await loop.practitioner.get("/v1/work")).json()["items"]
    finally:
        app.state.thresholds = usual

    assert set_here == (["2026-12-03"] * 2, [])
    assert "check_overdue" not in {one["kind"] for one in work}
    assert len(await overdue(loop.practitioner)) == 2


async def test_overdue_checks_are_listed_by_practitioner_team_and_region_the_longest_first(
    loop: Loop, as_role: AsRole
) -> None:
    crns = await team_of_three(loop)
    manager = as_role("manager", worker=f"m.{loop.crn}")
    everything = [(crn, "domestic_abuse") for crn in crns]

    assert await overdue(manager) == everything
    assert await overdue(manager, practitioner=f"p1.{loop.crn}") == everything[1:2]
    assert await overdue(manager, team_name=f"team-{loop.crn}", region="wales") == everything[2:]
    assert await overdue(manager, team_name="another") == []
    assert await overdue(manager, kind="child_safeguarding") == []
    assert await overdue(as_role("manager", worker="m.outside")) == []


async def test_pages_of_checks_show_everything_once_in_as_many_statements(loop: Loop, as_role: AsRole) -> None:
    crns = await team_of_three(loop)
    manager, numbers = as_role("manager", worker=f"m.{loop.crn}"), set()
    shown: list[str] = []
    cursor: dict[str, str] = {}
    while cursor or not shown:
        with watched() as statements:
            page = (await manager.get("/v1/checks", params={"limit": 1, **cursor})).json()
        numbers.add(len(statements))
        shown += [one["crn"] for one in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else {}

    assert shown == crns
    assert len(numbers) == 1


async def test_an_overdue_check_is_on_the_work_list_once(loop: Loop, clock: Clock) -> None:
    await loop.referral("submitted")
    await ask(loop, POLICE)
    clock.advance(days=15)
    items = (await loop.practitioner.get("/v1/work", params={"limit": 200})).json()["items"]
    found = [(one["kind"], one["why"], one["due_on"]) for one in items if "check" in one["kind"]]

    assert found == [
        ("check_overdue", "The child safeguarding check should have been asked for by now.", "2026-11-30"),
        ("check_overdue", "The domestic abuse check has not been answered in time: chase it.", "2026-12-07"),
    ]


@pytest.mark.parametrize(
    "table", ["check_request", "check_chase", "check_answer", "risk_lowering", "risk_lowering_view"]
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET crn = crn, {}"])
async def test_the_service_cannot_change_what_was_recorded(app: FastAPI, table: str, statement: str) -> None:
    changed = {"check_request": "asked_of = 'x'", "check_chase": "how = 'x'", "check_answer": "detail = 'x'"}
    changed |= {"risk_lowering": "because = '[]'", "risk_lowering_view": "view = 'x'"}
    async with app.state.sessions() as session:
        connection = await session.connection()
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(text(statement.format(table, changed[table])))
