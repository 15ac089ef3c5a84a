"""The board and a resident's page: what is written there is written once, and the work passes from side to side."""

import re

import pytest

from service.db import Session
from service.pages.stay_pictures import Marked, draw
from tests.pages.conftest import SignIn
from tests.pages.visitors import Visitor
from tests.routes.callers import A_MONDAY, AsRole
from tests.routes.stays import House, open_house

TODAY = A_MONDAY.date()


@pytest.fixture
async def house(committing: Session, as_role: AsRole, crn: str) -> House:
    """Return premises with a resident."""
    house = await open_house(committing, as_role, crn)
    await house.stay(arrived_on=TODAY)
    return house


@pytest.fixture
async def staff(sign_in: SignIn, house: House) -> Visitor:
    """Return somebody of the premises' staff, signed in."""
    return await sign_in("premises", "s.test", premises=house.premises)


async def resident_of(visitor: Visitor) -> str:
    board = (await visitor.get("/pages/board")).text
    return str(re.findall(r"/pages/residents/[0-9a-f-]{36}", board)[0])


async def drafted(house: House) -> str:
    body = {"packs": [{"pack": "duty_to_refer", "went_on_because": "Asked for by the person."}]}
    made = await house.practitioner.post(f"/v1/cases/{house.crn}/referrals", json=body)
    return str(made.json()["items"][0]["id"])


async def test_the_board_leads_staff_to_their_residents(staff: Visitor, house: House) -> None:
    address = await resident_of(staff)

    page = (await staff.get(address)).text

    assert house.crn in page
    assert "84</strong> nights left" in page
    assert "There are none yet." in page
    assert f"/pages/people/{house.crn}" not in page


async def test_a_plan_is_written_once_however_often_the_button_is_pressed(staff: Visitor, house: House) -> None:
    address = await resident_of(staff)
    page = await staff.get(address)

    saved = [
        await staff.fill(page, f"{address}/plan", aim="family_or_partner", text="With a sister.") for _ in range(2)
    ]

    assert [answer.status_code for answer in saved] == [303, 303]
    shown = (await staff.get(address)).text
    assert "With a sister." in shown
    assert shown.count("Plan written") == 1


@pytest.mark.parametrize(
    ("form", "fields", "told"),
    [
        ("plan", {"aim": "", "text": "How."}, "aim"),
        ("plan", {"aim": "family_or_partner", "text": " "}, "text"),
        ("plan", {"aim": "nowhere", "text": "How."}, "aim"),
        ("homes", {"kind": "private_rented", "state": ""}, "state"),
        ("homes", {"kind": "private_rented", "state": "offered", "available_from-day": "31"}, "available_from"),
    ],
)
async def test_what_cannot_be_written_is_told_at_its_field(
    staff: Visitor, form: str, fields: dict[str, str], told: str
) -> None:
    address = await resident_of(staff)

    answer = await staff.fill(await staff.get(address), f"{address}/{form}", **fields)

    assert answer.status_code == 422
    assert f'id="{told}-error"' in answer.text


async def test_a_home_that_is_confirmed_changes_the_board(staff: Visitor) -> None:
    address = await resident_of(staff)
    fields = {"kind": "private_rented", "state": "confirmed", "available_from-day": "1"}
    fields |= {"available_from-month": "2", "available_from-year": "2027"}

    await staff.fill(await staff.get(address), f"{address}/homes", **fields)

    assert "Private rent from 1 February 2027" in (await staff.get("/pages/board")).text


async def test_staff_take_a_referral_over_answer_it_and_the_practitioner_sees_who_has_it(
    staff: Visitor, house: House, sign_in: SignIn
) -> None:
    referral = await drafted(house)
    address = await resident_of(staff)
    stay = address.rpartition("/")[2]

    taken = await staff.fill(
        await staff.get(address), f"/pages/referrals/{referral}/holding", to="premises", go_on="yes", stay=stay
    )

    shared = f"/pages/referrals/{referral}/shared"
    assert taken.headers["location"] == shared
    page = (await staff.get(shared)).text
    assert "You have this referral." in page
    phone = await staff.get(f"{shared}/person_phone")
    saved = await staff.fill(phone, f"{shared}/person_phone", answer="01632 960001")
    assert saved.headers["location"] == f"{shared}#question-person_phone"
    assert "01632 960001" in (await staff.get(shared)).text
    practitioner = await sign_in("practitioner", f"p-{house.crn.lower()}")
    assert "<dd>The premises</dd>" in (await practitioner.get(address)).text


async def test_an_answer_of_staff_that_cannot_be_is_shown_again(staff: Visitor, house: House) -> None:
    referral = await drafted(house)
    await house.staff.post(f"/v1/referrals/{referral}/holding", json={"to": "premises"})
    address = f"/pages/referrals/{referral}/shared/homeless_from"

    answer = await staff.fill(await staff.get(address), address, **{"answer-day": "31", "answer-month": "2"})

    assert answer.status_code == 422
    assert "Enter a real date" in answer.text


async def test_a_referral_that_lacks_something_is_not_sent_by_staff_and_says_what(staff: Visitor, house: House) -> None:
    referral = await drafted(house)
    await house.staff.post(f"/v1/referrals/{referral}/holding", json={"to": "premises"})
    shared = f"/pages/referrals/{referral}/shared"

    answer = await staff.fill(await staff.get(shared), f"/pages/referrals/{referral}/shared-submission")

    assert answer.status_code == 409
    assert "It was not sent." in answer.text


def test_a_stay_is_drawn_from_arrival_to_departure_and_words_do_not_run_into_each_other() -> None:
    days = [Marked(TODAY, "Stay extended"), Marked(TODAY.replace(day=25), "Due", "due")]

    picture = draw(TODAY.replace(day=2), TODAY.replace(month=12, day=28), TODAY, days)

    assert picture is not None
    assert picture.begins < picture.today < picture.ends
    near = [mark.row for mark in picture.marks if abs(mark.x - picture.today) < 20]
    assert len(near) == len(set(near))
    assert "28 December 2026" in picture.said


def test_a_stay_without_a_day_of_leaving_is_not_drawn() -> None:
    assert draw(TODAY, None, TODAY, []) is None
