"""What a provider writes about its work, who reads it, and a concern until somebody acknowledges it."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from service.db import Session
from tests import make
from tests.contract.watching import watched
from tests.routes.conftest import AsRole, Clock
from tests.routes.provision import Provision, does, open_provision

pytestmark = pytest.mark.usefixtures("clock")
BOOKING: dict[str, Any] = {"kind": "delivery", "how": "phone", "starts_at": "2026-12-01T10:00:00Z", "minutes": 45}
HELD = BOOKING | {"starts_at": "2026-11-23T08:00:00Z"}
CAME = {"attended": "yes"}
CONCERN = {"about": "child", "text": "The child was alone."}


@pytest.fixture
async def provision(committing: Session, as_role: AsRole, crn: str) -> Provision:
    return await open_provision(committing, as_role, crn)


async def read(provision: Provision, referral: uuid.UUID) -> Any:
    answer = await provision.practitioner.get(f"/v1/referrals/{referral}/provision")
    theirs = await provision.provider.get(f"/v1/provider/referrals/{referral}/provision")
    assert answer.status_code == 200
    assert answer.json() == theirs.json()
    return answer.json()


async def test_an_appointment_booked_again_keeps_its_history(provision: Provision, clock: Clock) -> None:
    referral = await provision.referral("scheduled")
    first = await does(provision.provider, referral, "appointments", BOOKING | {"place": "22 Secret Road"})
    again = BOOKING | {"starts_at": "2026-12-03T10:00:00Z", "replaces": first.json()["id"]}
    second = await does(provision.provider, referral, "appointments", again)
    third = await does(provision.provider, referral, "appointments", again)
    clock.advance(days=11)
    attendance = f"appointments/{second.json()['id']}/attendance"
    absent = {"attended": "no", "reason": "unacceptable"}
    recorded = await does(provision.provider, referral, attendance, absent)
    repeated = await does(provision.provider, referral, attendance, CAME)
    shown = (await read(provision, referral))["appointments"]

    assert [one.status_code for one in (first, second, third)] == [201, 201, 409], (second.text, third.text)
    assert (recorded.status_code, repeated.json()["code"]) == (200, "appointment-settled")
    assert [one["id"] for one in shown] == [second.json()["id"], first.json()["id"]]
    assert shown[1]["replaced_by"] == shown[0]["id"]
    assert shown[0]["attendance"]["reason"] == "unacceptable"


async def test_the_place_of_an_appointment_and_the_words_of_a_note_are_in_no_event_and_no_record(
    provision: Provision,
) -> None:
    referral = await provision.referral()
    await does(provision.provider, referral, "appointments", BOOKING | {"place": "22 Secret Road"})
    await does(provision.provider, referral, "progress", {"text": "Secret words."})
    await does(provision.provider, referral, "concerns", {"about": "person", "text": "Secret words."})
    events = await provision.rows("SELECT type, data FROM outbox_event WHERE crn = :crn ORDER BY id", crn=provision.crn)
    audit = await provision.rows(
        "SELECT action, outcome, CAST(details AS text) AS said FROM audit_entry WHERE :crn = ANY(crns)",
        crn=provision.crn,
    )

    assert [row.type for row in events] == [
        *("referral.appointment_booked", "referral.progress_reported", "referral.concern_raised")
    ]
    assert {row.outcome for row in audit} == {"changed"}
    assert "Secret" not in str([row.data for row in events]) + str([row.said for row in audit])
    assert "2026-12-01" not in str([row.data for row in events])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (BOOKING | {"starts_at": "2026-11-20T10:00:00Z", "attendance": CAME}, "/starts_at"),
        (BOOKING | {"starts_at": "2027-05-24T10:00:00Z"}, "/starts_at"),
        (HELD | {"starts_at": "2026-11-23T09:00:00Z"}, "/attendance"),
        (BOOKING | {"attendance": CAME}, "/attendance"),
        (BOOKING | {"replaces": str(uuid.uuid4())}, "/replaces"),
    ],
)
async def test_an_appointment_that_cannot_be_is_refused(
    provision: Provision, body: dict[str, Any], pointer: str
) -> None:
    referral = await provision.referral()
    answer = await does(provision.provider, referral, "appointments", body)

    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])


async def test_an_absence_has_a_reason_and_what_is_to_come_was_not_attended(provision: Provision) -> None:
    referral = await provision.referral()
    booked = await does(provision.provider, referral, "appointments", BOOKING)
    path = f"appointments/{booked.json()['id']}/attendance"
    early = await does(provision.provider, referral, path, CAME)
    silent = await does(provision.provider, referral, path, {"attended": "no"})

    assert [fault["pointer"] for fault in early.json()["errors"]] == ["/attended"]
    assert [fault["pointer"] for fault in silent.json()["errors"]] == ["/reason", "/attended"]


async def test_an_appointment_of_another_referral_is_not_there(provision: Provision) -> None:
    one, another = await provision.referral(), await provision.referral(second_number=1)
    appointment, _, _ = await make.add_provision(provision.session, another, provision.crn)
    await provision.session.commit()
    answer = await does(provision.provider, one, f"appointments/{appointment}/attendance", CAME)

    assert answer.status_code == 404


async def test_a_note_of_another_referral_is_not_there_for_either_side(provision: Provision) -> None:
    one, another = await provision.referral(), await provision.referral(second_number=1)
    _, progress, concern = await make.add_provision(provision.session, another, provision.crn)
    await provision.session.commit()
    answers = [
        await provision.provider.get(f"/v1/provider/referrals/{one}/progress/{progress}"),
        await provision.practitioner.get(f"/v1/referrals/{one}/progress/{progress}"),
        await provision.practitioner.post(f"/v1/referrals/{one}/concerns/{concern}/acknowledgement"),
        # A concern is no report of progress, nor the other way round.
        await provision.practitioner.get(f"/v1/referrals/{another}/progress/{concern}"),
        await provision.practitioner.post(f"/v1/referrals/{another}/concerns/{progress}/acknowledgement"),
    ]
    own = await provision.provider.get(f"/v1/provider/referrals/{another}/progress/{progress}")

    assert [answer.status_code for answer in answers] == [404] * 5
    assert (own.status_code, own.json()["text"]) == (200, "Going well.")


async def test_a_concern_stands_near_the_top_of_the_list_until_it_is_acknowledged_by_name(provision: Provision) -> None:
    referral = await provision.referral()
    concerns = [(await does(provision.provider, referral, "concerns", CONCERN)).json() for _ in range(2)]
    before = (await provision.practitioner.get("/v1/work")).json()["items"]
    address = f"/v1/referrals/{referral}/concerns"
    await provision.practitioner.post(f"{address}/{concerns[0]['id']}/acknowledgement")
    between = (await provision.practitioner.get("/v1/work")).json()["items"]
    last = await provision.practitioner.post(f"{address}/{concerns[1]['id']}/acknowledgement", json={"note": "Rang."})
    again = await provision.practitioner.post(f"{address}/{concerns[1]['id']}/acknowledgement")
    after = (await provision.practitioner.get("/v1/work")).json()["items"]

    assert [page[0]["kind"] for page in (before, between)] == ["concern_to_acknowledge"] * 2
    assert "concern_to_acknowledge" not in {item["kind"] for item in after}
    assert last.json()["acknowledged_by"] == f"p-{provision.crn.lower()}"
    assert again.json()["code"] == "concern-already-acknowledged"


async def test_each_writing_and_each_acknowledgement_is_one_change_for_all_on_the_contract(
    provision: Provision, clock: Clock
) -> None:
    referral = await provision.referral()
    place = (await provision.provider.get("/v1/provider/changes")).json()["next"]
    clock.advance(hours=2)
    held = HELD | {"starts_at": "2026-11-23T10:00:00Z", "attendance": CAME}
    appointment = (await does(provision.provider, referral, "appointments", held)).json()["id"]
    again = await does(provision.provider, referral, f"appointments/{appointment}/attendance", CAME)
    await does(provision.provider, referral, "progress", {"text": "Going well."})
    concern = (await does(provision.provider, referral, "concerns", CONCERN)).json()["id"]
    for _ in range(2):
        await provision.practitioner.post(f"/v1/referrals/{referral}/concerns/{concern}/acknowledgement")
    told = (await provision.provider.get("/v1/provider/changes", params={"after": place})).json()["items"]

    assert again.status_code == 409
    assert [(one["data"]["kind"], one["data"]["items"]) for one in told] == [("referral", [])] * 4


async def test_two_who_acknowledge_at_once_are_one_and_a_conflict(provision: Provision) -> None:
    referral = await provision.referral()
    concern = (await does(provision.provider, referral, "concerns", CONCERN)).json()["id"]
    path = f"/v1/referrals/{referral}/concerns/{concern}/acknowledgement"
    answers = await asyncio.gather(*(provision.practitioner.post(path) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_after_the_end_only_attendance_and_concerns_are_written_and_then_nothing(
    provision: Provision, clock: Clock
) -> None:
    referral = await provision.referral("completed")
    appointment, _, _ = await make.add_provision(provision.session, referral, provision.crn)
    await provision.session.commit()
    writings = {
        "appointments": BOOKING,
        "progress": {"text": "More."},
        f"appointments/{appointment}/attendance": CAME,
        "concerns": CONCERN,
    }
    told = [(await does(provision.provider, referral, path, body)).status_code for path, body in writings.items()]
    clock.advance(days=29)
    later = [(await does(provision.provider, referral, path, body)).status_code for path, body in writings.items()]
    kept = await provision.practitioner.get(f"/v1/referrals/{referral}/provision")

    assert told == [409, 409, 200, 201]
    assert later == [404] * 4
    assert len(kept.json()["concerns"]) == 2


async def test_a_text_is_at_most_4000_characters_and_says_something(provision: Provision) -> None:
    referral = await provision.referral()
    statuses = [
        (await does(provision.provider, referral, "progress", {"text": words})).status_code
        for words in ("a" * 4000, "a" * 4001, "  ")
    ]

    assert statuses == [201, 422, 422]


@pytest.mark.parametrize(
    "table", ["provision_appointment", "provision_attendance", "provision_note", "concern_acknowledgement"]
)
async def test_what_is_written_stays_as_it_is_by_right(session: Session, table: str) -> None:
    connection = await session.connection()
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET crn = 'X000000'"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with connection.begin_nested():
                await connection.execute(text(statement))


async def test_the_page_takes_as_many_statements_however_much_is_written(provision: Provision) -> None:
    referral, numbers = await provision.referral(), []
    for _ in range(2):
        with watched() as statements:
            await provision.practitioner.get(f"/v1/referrals/{referral}/provision")
        numbers.append(len(statements))
        for _ in range(3):
            await make.add_provision(provision.session, referral, provision.crn)
        await provision.session.commit()

    assert numbers[0] == numbers[1]
