"""CAS3 beds over the API: booked, confirmed, arrived in, extended, left; the referral moves along, nights are told."""

import asyncio
import datetime
import uuid
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.db import Session
from tests import make
from tests.routes.conftest import A_MONDAY, AsRole, Clock
from tests.routes.loops import Loop, act, open_loop

TODAY = A_MONDAY.date()


def day(offset: int) -> str:
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str, clock: Clock) -> Loop:
    """Give a case with a housing team of its own."""
    return await open_loop(committing, as_role, crn)


@pytest.fixture
async def referral(loop: Loop) -> uuid.UUID:
    """Give a CAS3 referral that was accepted."""
    return await loop.referral("accepted", "cas3")


async def book(loop: Loop, referral: uuid.UUID, arrival: int = 0, departure: int = 84, **more: Any) -> Response:
    body = {"place": "Room 3", "arrival_on": day(arrival), "departure_on": day(departure), "sentence": "1", **more}
    return await act(loop.assessor, referral, "bookings", body)


async def do(loop: Loop, referral: uuid.UUID, booking: str, name: str, **body: Any) -> Response:
    return await act(loop.assessor, referral, f"bookings/{booking}/{name}", body)


async def booked(loop: Loop, referral: uuid.UUID, *acts: str, arrival: int = 0, departure: int = 84) -> str:
    """Return a booking as far on as these acts."""
    made = await book(loop, referral, arrival, departure)
    assert made.status_code == 201, made.text
    booking: str = made.json()["id"]
    bodies: dict[str, dict[str, str]] = {"arrival": {"arrived_on": day(arrival)}}
    for name in acts:
        done = await do(loop, referral, booking, name, **bodies.get(name, {}))
        assert done.status_code == 200, done.text
    return booking


async def status_of(client: AsyncClient, referral: uuid.UUID) -> tuple[str, str | None]:
    page = (await client.get(f"/v1/referrals/{referral}")).json()
    return page["status"], page["status_reason"]


def codes(response: Response) -> list[str]:
    return [fault["code"] for fault in response.json()["errors"]]


async def test_a_bed_is_booked_confirmed_arrived_in_and_left_and_the_referral_moves_along(
    loop: Loop, referral: uuid.UUID, clock: Clock
) -> None:
    made = await book(loop, referral)
    booking = made.json()
    assert (made.status_code, booking["status"], booking["nights"]["booked"]) == (201, "provisional", 84)
    assert await status_of(loop.practitioner, referral) == ("accepted", None)
    line = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/eligibility")).json()["cas3"]
    assert (line["status"], line["action"]) == ("bedspace_offered", "reply_to_cas3_bedspace_offer")

    await do(loop, referral, booking["id"], "confirmation", note="The key is there.")
    assert await status_of(loop.practitioner, referral) == ("scheduled", None)

    clock.advance(days=1)
    arrived = (await do(loop, referral, booking["id"], "arrival", arrived_on=day(0))).json()
    assert (arrived["status"], arrived["nights"]["slept"]) == ("arrived", 1)
    assert await status_of(loop.practitioner, referral) == ("started", None)

    clock.advance(days=60)
    left = await do(loop, referral, booking["id"], "departure", departed_on=day(60), reason="planned_move_on")
    assert (left.json()["status"], left.json()["nights"]) == (
        "departed", {"booked": 60, "slept": 60, "limit": 84, "left": 24, "over": 0},
    )  # fmt: skip
    assert await status_of(loop.practitioner, referral) == ("completed", "planned_move_on")
    read = (await loop.practitioner.get(f"/v1/referrals/{referral}/bookings/{booking['id']}")).json()
    assert [(step["act"], step["from_status"], step["to_status"], step["departure_on"]) for step in read["steps"]] == [
        ("booking", None, "provisional", day(84)),
        ("confirmation", "provisional", "confirmed", day(84)),
        ("arrival", "confirmed", "arrived", day(84)),
        ("departure", "arrived", "departed", day(60)),
    ]
    assert (read["first_departure_on"], read["departure_on"]) == (day(84), day(60))


async def test_a_booking_may_be_cancelled_and_the_referral_is_accepted_again(loop: Loop, referral: uuid.UUID) -> None:
    booking = await booked(loop, referral, "confirmation")

    cancelled = await do(loop, referral, booking, "cancellation", reason="changed_to_be_rebooked")

    assert (cancelled.status_code, cancelled.json()["end_reason"]) == (200, "changed_to_be_rebooked")
    assert cancelled.json()["nights"]["booked"] == 0
    assert await status_of(loop.practitioner, referral) == ("accepted", "changed_to_be_rebooked")
    assert (await book(loop, referral)).status_code == 201


@pytest.mark.parametrize(
    ("acts", "name", "body", "status"),
    [
        ((), "arrival", {"arrived_on": day(0)}, "provisional"),
        ((), "extension", {"departure_on": day(90)}, "provisional"),
        (("confirmation",), "confirmation", {}, "confirmed"),
        (("confirmation",), "departure", {"departed_on": day(0), "reason": "died"}, "confirmed"),
        (("confirmation", "arrival"), "cancellation", {"reason": "person_refused"}, "arrived"),
    ],
)
async def test_what_is_not_done_to_a_booking_as_it_stands_is_refused(
    loop: Loop, referral: uuid.UUID, acts: tuple[str, ...], name: str, body: dict[str, str], status: str
) -> None:
    booking = await booked(loop, referral, *acts)
    body |= {"overstay": {"authorised": True}} if name == "extension" else {}  # type: ignore[dict-item]

    refused = await do(loop, referral, booking, name, **body)

    assert (refused.status_code, refused.json()["status_now"]) == (409, status), refused.text
    assert name not in refused.json()["allowed"]


async def test_85_nights_are_taken_once_it_is_said_whether_they_are_authorised(loop: Loop, referral: uuid.UUID) -> None:
    unsaid = await book(loop, referral, 0, 85)
    said = await book(loop, referral, 0, 85, overstay={"authorised": False, "reason": "Asked, not answered."})

    assert (unsaid.status_code, codes(unsaid)) == (422, ["missing"])
    assert said.status_code == 201, said.text
    assert (said.json()["overstay_authorised"], said.json()["nights"]["over"]) == (False, 1)
    assert said.json()["warnings"] == ["over_limit", "overstay_not_authorised", "sentence_over_limit"]


async def test_a_changed_arrival_is_tested_again(loop: Loop, referral: uuid.UUID) -> None:
    booking = await booked(loop, referral, "confirmation", "arrival", departure=84)

    earlier = await do(loop, referral, booking, "arrival", arrived_on=day(-1))
    too_early = await do(loop, referral, booking, "arrival", arrived_on=day(-15))
    ahead = await do(loop, referral, booking, "arrival", arrived_on=day(1))
    said = await do(loop, referral, booking, "arrival", arrived_on=day(-1), overstay={"authorised": True})

    assert [codes(one) for one in (earlier, too_early, ahead)] == [["missing"], ["too-long-ago"], ["in-the-future"]]
    assert (said.status_code, said.json()["nights"]["booked"]) == (200, 85)
    assert await status_of(loop.practitioner, referral) == ("started", None)
    shortened = await do(loop, referral, booking, "extension", departure_on=day(80))
    assert shortened.json()["overstay_authorised"] is None


async def test_of_one_person_no_two_bookings_hold_the_same_night(
    loop: Loop, referral: uuid.UUID, committing: Session
) -> None:
    await book(loop, referral, 0, 10)
    elsewhere = await loop.referral("accepted", "cas3", second_number=1)

    clash = await book(loop, elsewhere, 9, 20)
    after = await book(loop, elsewhere, 10, 20)

    assert (clash.status_code, clash.json()["code"]) == (409, "beds-overlap")
    assert clash.json()["clashes_with"] == {"arrival_on": day(0), "departure_on": day(10)}
    assert after.status_code == 201
    with pytest.raises(DBAPIError, match="ex_cas3_booking_nights"):
        await make.add_booking(
            committing, elsewhere, loop.crn, arrival_on=TODAY, departure_on=TODAY + datetime.timedelta(days=2)
        )


async def test_of_many_bookings_for_one_night_at_once_one_is_made(loop: Loop, referral: uuid.UUID) -> None:
    others = [await loop.referral("accepted", "cas3", second_number=number) for number in range(1, 6)]

    made = await asyncio.gather(*(book(loop, one, 0, 10) for one in (referral, *others)))

    assert sorted(one.status_code for one in made) == [201, *[409] * 5]


async def test_the_nights_of_a_sentence_are_shown_together_and_another_sentence_apart(
    loop: Loop, referral: uuid.UUID
) -> None:
    await booked(loop, referral, "confirmation", "arrival", departure=40)
    later = await loop.referral("accepted", "cas3", second_number=1)
    await book(loop, later, 40, 90)
    other = await loop.referral("accepted", "cas3", second_number=2)
    await book(loop, other, 200, 210, sentence="2")

    mine = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/bookings")).json()
    teams = (await loop.assessor.get(f"/v1/referrals/{referral}/bookings")).json()

    counted = [one["nights_of_sentence"] for one in mine["items"]]
    assert [(one["sentence"], one["bookings"], one["booked"], one["over"]) for one in counted] == [
        ("1", 2, 90, 6), ("1", 2, 90, 6), ("2", 1, 10, 0),
    ]  # fmt: skip
    assert [one["nights"]["booked"] for one in mine["items"]] == [40, 50, 10]
    assert [one["nights"]["booked"] for one in teams["items"]] == [40]
    assert [one["nights_of_sentence"]["booked"] for one in teams["items"]] == [90]
    assert teams["items"][0]["warnings"] == ["sentence_over_limit"]


async def test_a_move_to_another_bed_keeps_the_referral_going(loop: Loop, referral: uuid.UUID, clock: Clock) -> None:
    first = await booked(loop, referral, "confirmation", "arrival", departure=20)
    second = (await book(loop, referral, 20, 60)).json()["id"]
    clock.advance(days=20)
    left = await do(loop, referral, first, "departure", departed_on=day(20), reason="moved_to_other_cas3")
    assert left.status_code == 200, left.text
    assert await status_of(loop.practitioner, referral) == ("started", None)

    for name, body in (("confirmation", {}), ("arrival", {"arrived_on": day(20)})):
        assert (await do(loop, referral, second, name, **body)).status_code == 200

    listed = (await loop.assessor.get(f"/v1/referrals/{referral}/bookings")).json()
    assert [one["nights_of_sentence"]["booked"] for one in listed["items"]] == [60, 60]


@pytest.mark.parametrize("kind", ["recall_fixed_term", "recall_standard"])
async def test_a_recall_ends_the_nights_on_its_day(loop: Loop, referral: uuid.UUID, clock: Clock, kind: str) -> None:
    booking = await booked(loop, referral, "confirmation", "arrival", departure=60)
    clock.advance(days=30)

    recalled = await loop.practitioner.post(f"/v1/cases/{loop.crn}/events", json={"kind": kind, "happened_on": day(29)})

    assert recalled.status_code == 201, recalled.text
    read = (await loop.practitioner.get(f"/v1/referrals/{referral}/bookings/{booking}")).json()
    assert (read["status"], read["departure_on"], read["nights"]["slept"]) == ("departed", day(29), 29)
    assert (read["end_reason"], read["steps"][-1]["act"]) == ("bed_withdrawn_recall_or_breach", "person_event")
    again = await book(loop, referral, 40, 60)
    assert again.status_code == 409, again.text


async def test_a_withdrawn_referral_lets_what_was_booked_go(loop: Loop, referral: uuid.UUID) -> None:
    booking = await booked(loop, referral, "confirmation")

    await act(loop.practitioner, referral, "withdrawal", {"reason": "other_accommodation_found"})

    read = (await loop.practitioner.get(f"/v1/referrals/{referral}/bookings/{booking}")).json()
    assert (read["status"], read["end_reason"]) == ("cancelled", "other_accommodation_found")


async def test_merged_cases_count_their_nights_together_and_the_surer_booking_stays(
    loop: Loop, referral: uuid.UUID, as_role: AsRole, committing: Session
) -> None:
    await booked(loop, referral, "confirmation", "arrival", departure=20)
    survivor = f"M{loop.crn[1:]}"
    await make.open_case(committing, survivor, f"p-{loop.crn.lower()}")
    theirs = await make.add_sent_referral(
        committing, survivor, "cas3", "accepted", recipient_id=loop.recipient, second_number=7
    )
    await make.add_booking(
        committing, theirs, survivor, arrival_on=TODAY, departure_on=TODAY + datetime.timedelta(days=5)
    )
    await make.add_booking(
        committing,
        theirs,
        survivor,
        arrival_on=TODAY + datetime.timedelta(days=30),
        departure_on=TODAY + datetime.timedelta(days=40),
    )
    await committing.commit()

    merged = await loop.practitioner.post(
        f"/v1/cases/{loop.crn}/events", json={"kind": "merge", "happened_on": day(0), "surviving_crn": survivor}
    )

    assert merged.status_code == 201, merged.text
    listed = (await loop.practitioner.get(f"/v1/cases/{survivor}/bookings")).json()
    assert {(one["arrival_on"], one["status"], one["end_reason"]) for one in listed["items"]} == {
        (day(0), "arrived", None),
        (day(0), "cancelled", "merged_duplicate"),
        (day(30), "provisional", None),
    }
    assert {one["nights_of_sentence"]["booked"] for one in listed["items"]} == {30}


async def test_only_a_cas3_referral_that_was_accepted_has_bookings(loop: Loop) -> None:
    premises = await loop.referral("accepted", "approved_premises")
    received = await loop.referral("received", "cas3")

    elsewhere, early = await book(loop, premises), await book(loop, received)

    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "not-for-this-pack")
    assert (early.status_code, early.json()["status_now"]) == (409, "received")


async def test_the_sentence_is_that_of_what_was_sent_unless_another_is_named(loop: Loop) -> None:
    content = {"sections": [{"id": "a", "questions": [{"id": "index_offence", "value": {"event_number": "3"}}]}]}
    sent = await loop.referral("accepted", "cas3", content=content)

    made = await book(loop, sent, sentence=None)
    missing = await book(loop, await loop.referral("accepted", "cas3", second_number=1), 100, 101, sentence=None)

    assert made.json()["sentence"] == "3"
    assert (missing.status_code, codes(missing)) == (422, ["missing"])


async def test_another_teams_booking_is_absent_and_a_sender_books_nothing(
    loop: Loop, referral: uuid.UUID, as_role: AsRole
) -> None:
    booking = await booked(loop, referral)
    stranger = as_role("assessor", organisation="another-team")
    other = await loop.referral("accepted", "cas3", second_number=1)

    assert (await act(loop.practitioner, referral, "bookings", {})).status_code == 403
    assert (await stranger.get(f"/v1/referrals/{referral}/bookings/{booking}")).status_code == 404
    assert (await loop.assessor.get(f"/v1/referrals/{other}/bookings/{booking}")).status_code == 404


async def test_an_act_on_an_older_revision_is_refused_and_a_repeat_is_answered_alike(
    loop: Loop, referral: uuid.UUID
) -> None:
    booking = await booked(loop, referral)
    path = f"bookings/{booking}/confirmation"

    first = await act(loop.assessor, referral, path, {}, **{"If-Match": '"1"', "Idempotency-Key": booking})
    again = await act(loop.assessor, referral, path, {}, **{"If-Match": '"1"', "Idempotency-Key": booking})
    stale = await act(
        loop.assessor, referral, f"bookings/{booking}/arrival", {"arrived_on": day(0)}, **{"If-Match": '"1"'}
    )

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (again.status_code, again.json()) == (200, first.json())
    assert (stale.status_code, stale.json()["revision"]) == (412, 2)


async def test_the_service_can_add_to_the_steps_and_do_nothing_else_to_them(
    loop: Loop, referral: uuid.UUID, committing: Session
) -> None:
    await booked(loop, referral)

    for statement in (
        "DELETE FROM cas3_booking_step",
        "UPDATE cas3_booking_step SET note = 'x'",
        "DELETE FROM cas3_booking",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            await (await committing.connection()).execute(text(statement))
        await committing.rollback()
