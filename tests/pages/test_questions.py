"""The outstanding questions, one a page: each Continue saves, and two people at once lose nothing of each other's."""

import pytest

from service.db import Session
from tests import make
from tests.pages.conftest import SignIn
from tests.routes.callers import AsRole, Clock
from tests.routes.drafting import change, know, ready_housing, refer

pytestmark = pytest.mark.usefixtures("two_packs")


@pytest.fixture
async def case(committing: Session, as_role: AsRole, crn: str) -> str:
    """Return somebody's case with a draft."""
    await make.open_case(committing, crn)
    await committing.commit()
    await refer(as_role("practitioner"), crn, {"pack": "housing"})
    return crn


async def test_answering_goes_from_question_to_question_until_none_is_left(
    sign_in: SignIn, as_role: AsRole, case: str
) -> None:
    visitor = await sign_in("practitioner")
    said = {"release_known": {"answer": "true"}, "risk": {"answer": "The public."}}
    said["release_on"] = {"answer-day": "20", "answer-month": "1", "answer-year": "2027"}
    said["consent"], said["recipient"] = {"answer": "true"}, {"answer": "housing-near"}
    asked, place = [], ""

    for _ in range(9):
        place = (await visitor.get(f"/pages/people/{case}/questions/next")).headers["location"]
        if place.endswith("/questions"):
            break
        page, name = await visitor.get(place), place.partition("?")[0].rpartition("/")[2]
        asked.append(name)
        is_read = "I have read this again" in page.text
        fields = {"read": "yes", "words": "The public."} if is_read else said.get(name, {"answer": "housing-near"})
        answer = await visitor.fill(page, place.partition("?")[0], **fields)
        assert answer.status_code == 303, answer.text

    assert len(asked) == 6
    assert "Nothing is left to ask" in (await visitor.get(place)).text
    draft = (await as_role("practitioner").get(f"/v1/cases/{case}/referrals")).json()["items"][0]
    assert (await as_role("practitioner").get(f"/v1/referrals/{draft['id']}")).json()["lacks"] == []


async def test_what_is_left_for_later_is_passed_over_and_stays_on_the_list(sign_in: SignIn, case: str) -> None:
    visitor = await sign_in("practitioner")
    first = (await visitor.get(f"/pages/people/{case}/questions/next")).headers["location"]

    second = (await visitor.get(f"/pages/people/{case}/questions/next?skipped=1")).headers["location"]

    assert first.partition("?")[0] != second.partition("?")[0]
    assert first.partition("?")[0] in (await visitor.get(f"/pages/people/{case}/questions")).text


async def test_an_answer_that_cannot_be_is_shown_again_with_what_is_wrong(
    sign_in: SignIn, as_role: AsRole, case: str
) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/people/{case}/questions/release_on"
    page = await visitor.get(address)

    answer = await visitor.fill(page, address, **{"answer-day": "31", "answer-month": "2", "answer-year": "2027"})

    assert answer.status_code == 422
    assert 'href="#answer-day"' in answer.text
    assert 'value="31"' in answer.text
    assert "<title>Error: " in answer.text
    assert "release_on" not in (await as_role("practitioner").get(f"/v1/cases/{case}/profile")).json()["answers"]


async def test_no_answer_is_no_answer(sign_in: SignIn, case: str) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/people/{case}/questions/risk"

    answer = await visitor.fill(await visitor.get(address), address, answer="  ")

    assert answer.status_code == 422
    assert "Answer the question." in answer.text


async def test_two_people_who_answer_different_questions_do_not_meet(
    sign_in: SignIn, as_role: AsRole, committing: Session, case: str
) -> None:
    await make.add_worker(committing, "p.test", f"team-{case}")
    await make.add_worker(committing, "m.test", f"team-{case}")
    await committing.commit()
    one, other = await sign_in("practitioner"), await sign_in("practitioner")
    known, risk = (f"/pages/people/{case}/questions/{item}" for item in ("release_known", "risk"))
    first, second = await one.get(known), await other.get(risk)

    saved = [await one.fill(first, known, answer="false"), await other.fill(second, risk, answer="Nobody.")]

    assert [answer.status_code for answer in saved] == [303, 303]
    answers = (await as_role("practitioner").get(f"/v1/cases/{case}/profile")).json()["answers"]
    assert {item: answers[item]["value"] for item in ("release_known", "risk")} == {
        "release_known": False,
        "risk": "Nobody.",
    }


async def test_the_second_of_two_who_answer_the_same_sees_both_answers_and_decides(
    sign_in: SignIn, as_role: AsRole, case: str
) -> None:
    one, other = await sign_in("practitioner"), await sign_in("practitioner")
    risk = f"/pages/people/{case}/questions/risk"
    first, second = await one.get(risk), await other.get(risk)
    await one.fill(first, risk, answer="The public.")

    both = await other.fill(second, risk, answer="A known adult.")

    assert both.status_code == 409
    assert "The public." in both.text
    assert "A known adult." in both.text
    assert (await other.fill(both, risk, answer="A known adult.")).status_code == 303
    profile = (await as_role("practitioner").get(f"/v1/cases/{case}/profile")).json()
    assert profile["answers"]["risk"]["value"] == "A known adult."


async def test_continuing_with_an_answer_that_still_holds_confirms_it(
    sign_in: SignIn, as_role: AsRole, case: str, clock: Clock
) -> None:
    await know(as_role("practitioner"), case, risk="The public.")
    clock.advance(days=200)
    visitor, address = await sign_in("practitioner"), f"/pages/people/{case}/questions/risk"
    page = await visitor.get(address)
    assert "too old to rely on" in page.text

    await visitor.fill(page, address, answer="The public.")

    held = (await as_role("practitioner").get(f"/v1/cases/{case}/profile")).json()["answers"]["risk"]
    assert (held["revision"], held["confirmed_by"]) == (1, "p.test")


async def test_nobody_ticks_words_that_changed_while_they_read_them(
    sign_in: SignIn, as_role: AsRole, case: str
) -> None:
    practitioner = as_role("practitioner")
    await know(practitioner, case, risk="The public.")
    draft = (await practitioner.get(f"/v1/cases/{case}/referrals")).json()["items"][0]["id"]
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{draft}/questions/risk"
    page = await visitor.get(address)
    await know(practitioner, case, risk="A known adult.")

    answer = await visitor.fill(page, address, words="The public.", read="yes")

    assert answer.status_code == 409
    assert "A known adult." in answer.text
    lacks = (await practitioner.get(f"/v1/referrals/{draft}")).json()["lacks"]
    assert "unread" in {lack["code"] for lack in lacks}


async def test_a_narrative_is_reworded_for_one_referral_and_ticked_in_one_step(
    sign_in: SignIn, as_role: AsRole, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    practitioner = as_role("practitioner")
    draft = await ready_housing(practitioner, crn)
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{draft}/questions/risk"

    await visitor.fill(await visitor.get(address), address, words="Members of the public.", read="yes")

    shown = (await practitioner.get(f"/v1/referrals/{draft}")).json()
    narrative = next(q for section in shown["sections"] for q in section["questions"] if q["id"] == "risk")
    assert (narrative["value"], narrative["narrative"]["read"]) == ("Members of the public.", True)
    assert (await practitioner.get(f"/v1/cases/{crn}/profile")).json()["answers"]["risk"]["value"] == "The public."


async def test_somebody_who_comes_from_a_referral_goes_back_to_it(sign_in: SignIn, as_role: AsRole, case: str) -> None:
    draft = (await as_role("practitioner").get(f"/v1/cases/{case}/referrals")).json()["items"][0]["id"]
    visitor, address = await sign_in("practitioner"), f"/pages/people/{case}/questions/risk"
    page = await visitor.get(f"{address}?back={draft}")

    answer = await visitor.fill(page, address, answer="Nobody.")

    assert answer.headers["location"] == f"/pages/referrals/{draft}"


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere", "x" * 36])
async def test_nobody_is_led_elsewhere(sign_in: SignIn, case: str, back: str) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/people/{case}/questions/risk"

    answer = await visitor.fill(await visitor.get(address), address, answer="Nobody.", back=back)

    assert answer.headers["location"] == "/pages"


async def test_two_people_who_change_different_things_of_a_draft_do_not_meet(
    sign_in: SignIn, as_role: AsRole, case: str
) -> None:
    practitioner = as_role("practitioner")
    draft = (await practitioner.get(f"/v1/cases/{case}/referrals")).json()["items"][0]["id"]
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{draft}/questions/consent"
    page = await visitor.get(address)
    await change(practitioner, draft, recipient="housing-far")

    assert (await visitor.fill(page, address, answer="true")).status_code == 303
