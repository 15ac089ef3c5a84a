"""A recipient's question and the sender's answer, which puts the profile right and leaves what was sent alone."""

import uuid

import pytest

from service.catalogue.loading import catalogue
from service.db import Session
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, act, open_loop

pytestmark = pytest.mark.usefixtures("clock")

QUESTION = {"question": "Is the release date still the first of May?", "about": []}


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


async def ask(loop: Loop, referral: uuid.UUID) -> str:
    asked = await act(loop.assessor, referral, "queries", QUESTION)
    assert asked.status_code == 201, asked.text
    return str(asked.json()["id"])


async def status_of(loop: Loop, referral: uuid.UUID) -> str:
    (row,) = await loop.rows("SELECT status FROM referral WHERE id = :id", id=referral)
    return str(row.status)


async def test_a_question_waits_on_the_referral_until_it_is_answered(loop: Loop, clock: Clock) -> None:
    referral = await loop.referral("received")
    about = catalogue().pack("approved_premises").questions[0].id
    asked = await act(loop.assessor, referral, "queries", {"question": "Which court?", "about": [about]})
    waiting = await status_of(loop, referral)
    clock.advance(hours=2)
    answered = await act(
        loop.practitioner, referral, f"queries/{asked.json()['id']}/answer", {"answer": "Invented Crown Court."}
    )

    assert (asked.status_code, asked.headers["etag"], asked.json()["about"]) == (201, '"2"', [about])
    assert waiting == "query"
    assert (answered.status_code, answered.headers["etag"]) == (200, '"3"')
    assert (answered.json()["answer"], answered.json()["answered_by"]) == (
        "Invented Crown Court.", f"p-{loop.crn.lower()}"
    )  # fmt: skip
    assert await status_of(loop, referral) == "received"


async def test_an_answer_corrects_the_profile_and_not_what_was_sent(loop: Loop) -> None:
    referral = await loop.referral("received")
    query = await ask(loop, referral)
    body = {"answer": "It has moved.", "answers": {"sentence_release_date": {"value": "2027-06-01"}}}
    answered = await act(loop.practitioner, referral, f"queries/{query}/answer", body)
    profile = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/profile")).json()
    (kept,) = await loop.rows("SELECT profile_revision FROM referral_query WHERE id = :id", id=uuid.UUID(query))
    versions = await loop.rows("SELECT number FROM referral_version WHERE referral_id = :id", id=referral)
    (audit,) = await loop.rows(
        "SELECT items FROM audit_entry WHERE action = 'answer_query' AND :crn = ANY(crns)", crn=loop.crn
    )

    assert answered.status_code == 200
    assert profile["answers"]["sentence_release_date"]["value"] == "2027-06-01"
    assert (profile["revision"], kept.profile_revision) == (1, 1)
    assert len(versions) == 1
    assert audit.items == ["sentence_release_date"]


async def test_an_answer_with_a_wrong_value_saves_nothing_and_names_the_item(loop: Loop) -> None:
    referral = await loop.referral("received")
    query = await ask(loop, referral)
    answers = {"family_name": {"value": "Invented"}, "sentence_release_date": {"value": "2027-02-30"}}
    refused = await act(loop.practitioner, referral, f"queries/{query}/answer", {"answer": "Yes.", "answers": answers})
    profile = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/profile")).json()

    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/answers/sentence_release_date/value"]
    assert profile["answers"] == {}
    assert await status_of(loop, referral) == "query"


async def test_the_referral_goes_back_to_the_recipient_when_the_last_question_is_answered(loop: Loop) -> None:
    referral = await loop.referral("received")
    first, second = await ask(loop, referral), await ask(loop, referral)
    await act(loop.practitioner, referral, f"queries/{second}/answer", {"answer": "Yes."})
    between = await status_of(loop, referral)
    await act(loop.practitioner, referral, f"queries/{first}/answer", {"answer": "Yes."})

    assert (between, await status_of(loop, referral)) == ("query", "received")


async def test_an_answered_question_is_not_answered_again(loop: Loop) -> None:
    referral = await loop.referral("received")
    query = await ask(loop, referral)
    await ask(loop, referral)
    first, second = [
        await act(loop.practitioner, referral, f"queries/{query}/answer", {"answer": "Yes."}) for _ in range(2)
    ]

    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["code"] == "query-already-answered"


async def test_a_question_about_something_the_form_does_not_ask_is_refused(loop: Loop) -> None:
    referral = await loop.referral("received")
    refused = await act(loop.assessor, referral, "queries", {"question": "Why?", "about": ["no_such_question"]})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/about/0")


@pytest.mark.parametrize("status", ["submitted", "accepted", "completed"])
async def test_questions_are_asked_between_receipt_and_decision(loop: Loop, status: str) -> None:
    refused = await act(loop.assessor, await loop.referral(status), "queries", QUESTION)

    assert (refused.status_code, refused.json()["code"]) == (409, "transition-not-allowed")


async def test_another_referrals_question_is_not_found(loop: Loop) -> None:
    asked = await ask(loop, await loop.referral("received"))
    other = await loop.referral("received", pack="cas3")

    for query in (asked, str(uuid.uuid4())):
        refused = await act(loop.practitioner, other, f"queries/{query}/answer", {"answer": "Yes."})
        assert refused.status_code == 404


async def test_each_side_asks_and_answers_its_own_part(loop: Loop) -> None:
    referral = await loop.referral("received")
    query = await ask(loop, referral)

    assert (await act(loop.practitioner, referral, "queries", QUESTION)).status_code == 403
    assert (await act(loop.assessor, referral, f"queries/{query}/answer", {"answer": "Yes."})).status_code == 403


async def test_an_answer_on_an_older_revision_of_the_referral_is_refused_whole(loop: Loop) -> None:
    referral = await loop.referral("received")
    query = await ask(loop, referral)
    body = {"answer": "Yes.", "answers": {"family_name": {"value": "Invented"}}}
    refused = await act(loop.practitioner, referral, f"queries/{query}/answer", body, **{"If-Match": '"1"'})
    profile = (await loop.practitioner.get(f"/v1/cases/{loop.crn}/profile")).json()

    assert (refused.status_code, profile["answers"]) == (412, {})


async def test_both_sides_read_the_questions_newest_first_a_page_at_a_time(loop: Loop, clock: Clock) -> None:
    referral = await loop.referral("received")
    asked = []
    for _ in range(3):
        asked.append(await ask(loop, referral))
        clock.advance(minutes=1)
    address = f"/v1/referrals/{referral}/queries"
    first = (await loop.practitioner.get(address, params={"limit": 2})).json()
    second = (await loop.assessor.get(address, params={"limit": 2, "cursor": first["next"]})).json()

    assert [query["id"] for query in first["items"] + second["items"]] == asked[::-1]
    assert second["next"] is None
