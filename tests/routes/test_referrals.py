"""Making, changing, sending and amending referrals over HTTP, with a small catalogue of two packs."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole
from tests.routes.drafting import CHECKS, change, know, ready_housing, refer, send, two_packs

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


async def test_any_set_of_packs_is_made_at_once_each_filled_from_the_profile(
    practitioner: AsyncClient, case: str
) -> None:
    await know(practitioner, case, release_known=False, risk="The public.")
    made = await refer(practitioner, case, {"pack": "housing", "recipient": "housing-near"}, {"pack": "care"})

    assert made.status_code == 201
    housing, care = made.json()["items"]
    assert {lack["pointer"]: lack["code"] for lack in housing["lacks"]} == {
        "/questions/risk": "unread",
        "/questions/consent": "missing",
    }
    assert "/questions/recipient" in {lack["pointer"] for lack in care["lacks"]}


async def test_one_pack_that_cannot_be_made_leaves_none_made(practitioner: AsyncClient, case: str) -> None:
    refused = await refer(practitioner, case, {"pack": "care"}, {"pack": "housing", "recipient": "care-near"})

    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/packs/1/recipient"]
    assert (await practitioner.get(f"/v1/cases/{case}/referrals")).json()["items"] == []


async def test_of_two_hundred_attempts_at_one_referral_one_succeeds_and_the_rest_are_told_which(
    practitioner: AsyncClient, case: str
) -> None:
    wanted = {"pack": "housing", "recipient": "housing-near"}
    attempts = await asyncio.gather(*(refer(practitioner, case, wanted) for _ in range(200)))

    made = [attempt for attempt in attempts if attempt.status_code == 201]
    refused = [attempt.json() for attempt in attempts if attempt.status_code == 409]
    assert (len(made), len(refused)) == (1, 199)
    assert {problem["referral_id"] for problem in refused} == {made[0].json()["items"][0]["id"]}


async def test_another_one_needs_a_reason(practitioner: AsyncClient, case: str) -> None:
    wanted = {"pack": "housing", "recipient": "housing-near"}
    await refer(practitioner, case, wanted)
    second = await refer(practitioner, case, wanted | {"second_reason": "A different home is wanted as well."})

    assert (second.status_code, second.json()["items"][0]["second_number"]) == (201, 1)


async def test_naming_a_recipient_that_has_such_a_referral_already_names_it(
    practitioner: AsyncClient, case: str
) -> None:
    first = await refer(practitioner, case, {"pack": "housing", "recipient": "housing-near"})
    unnamed = await refer(practitioner, case, {"pack": "housing"})
    refused = await change(practitioner, unnamed.json()["items"][0]["id"], recipient="housing-near")

    assert refused.status_code == 409
    assert refused.json()["referral_id"] == first.json()["items"][0]["id"]


async def test_the_same_request_twice_at_once_under_one_key_gets_one_answer(
    practitioner: AsyncClient, case: str
) -> None:
    wanted = {"pack": "housing", "recipient": "housing-near"}
    answers = await asyncio.gather(*(refer(practitioner, case, wanted, key="one-key") for _ in range(10)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["items"][0]["id"] for answer in answers}) == 1


async def test_a_key_used_for_another_request_is_refused(practitioner: AsyncClient, case: str) -> None:
    await refer(practitioner, case, {"pack": "housing"}, key="a-key")
    reused = await refer(practitioner, case, {"pack": "care"}, key="a-key")

    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")


async def test_an_open_draft_follows_the_profile(practitioner: AsyncClient, case: str) -> None:
    made = await refer(practitioner, case, {"pack": "housing", "recipient": "housing-near"})
    referral = made.json()["items"][0]["id"]
    await know(practitioner, case, release_known=True, release_on="2027-01-20")
    draft = (await practitioner.get(f"/v1/referrals/{referral}")).json()

    shown = {question["id"]: question for section in draft["sections"] for question in section["questions"]}
    assert shown["release_on"]["value"] == "2027-01-20"
    assert shown["release_on"]["provenance"]["source"] == "practitioner"


async def test_a_narrative_changed_after_it_was_read_loses_its_tick_and_says_what_changed(
    practitioner: AsyncClient, case: str
) -> None:
    referral = await ready_housing(practitioner, case)
    await know(practitioner, case, risk="The public and staff.")
    draft = (await practitioner.get(f"/v1/referrals/{referral}")).json()

    assert [(lack["pointer"], lack["code"]) for lack in draft["lacks"]] == [("/questions/risk", "unread")]
    risk = next(q for section in draft["sections"] for q in section["questions"] if q["id"] == "risk")
    assert risk["narrative"]["changed_since_read"] == [
        {"change": "kept", "text": "The "},
        {"change": "removed", "text": "public."},
        {"change": "added", "text": "public and staff."},
    ]


async def test_a_rewording_stands_for_one_referral_with_its_difference_from_the_master(
    practitioner: AsyncClient, case: str
) -> None:
    referral = await ready_housing(practitioner, case)
    reworded = await change(
        practitioner, referral, variants={"risk": {"text": "The wider public."}}, read={"risk": True}
    )
    risk = next(q for s in reworded.json()["sections"] for q in s["questions"] if q["id"] == "risk")

    assert (risk["value"], risk["narrative"]["master"], risk["narrative"]["read"]) == (
        "The wider public.",
        "The public.",
        True,
    )
    assert {"change": "added", "text": "wider "} in risk["narrative"]["difference_from_master"]


async def test_two_people_editing_one_draft_are_told_what_changed_and_can_merge(
    practitioner: AsyncClient, case: str
) -> None:
    made = await refer(practitioner, case, {"pack": "housing", "recipient": "housing-near"})
    referral = made.json()["items"][0]["id"]
    etag = (await practitioner.get(f"/v1/referrals/{referral}")).headers["etag"]
    await change(practitioner, referral, etag, answers={"consent": {"value": True}})
    stale = await change(practitioner, referral, etag, went_on_because="Agreed with the manager.")

    assert (stale.status_code, stale.json()["changed_since"]) == (412, ["/answers/consent"])
    merged = await change(practitioner, referral, stale.headers["etag"], went_on_because="Agreed with the manager.")
    assert merged.status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"answers": {"nothing": {"value": 1}}}, "/answers/nothing"),
        ({"answers": {"release_on": {"value": "2027-01-01"}}}, "/answers/release_on"),
        ({"answers": {"soon": {"value": True}}}, "/answers/soon"),
        ({"answers": {"consent": {"value": "yes"}}}, "/answers/consent/value"),
        ({"read": {"risk": True}}, "/read/risk"),
        ({"variants": {"council": {"text": "x"}}}, "/variants/council"),
        ({"recipient": "nowhere"}, "/recipient"),
        ({"unknown": 1}, "/unknown"),
    ],
)
async def test_a_change_that_cannot_be_names_its_field_and_changes_nothing(
    practitioner: AsyncClient, case: str, body: dict[str, Any], pointer: str
) -> None:
    made = await refer(practitioner, case, {"pack": "housing", "recipient": "housing-near"})
    referral = made.json()["items"][0]["id"]
    refused = await change(practitioner, referral, **body)

    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, [pointer])
    assert (await practitioner.get(f"/v1/referrals/{referral}")).headers["etag"].startswith('"1-')


async def test_sending_is_refused_with_every_reason_at_once(practitioner: AsyncClient, case: str) -> None:
    await know(practitioner, case, release_known=True, risk="x" * 41)
    made = await refer(practitioner, case, {"pack": "housing"})
    refused = await practitioner.post(f"/v1/referrals/{made.json()['items'][0]['id']}/submission", json={})

    assert refused.status_code == 409
    assert {(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]} == {
        ("/questions/release_on", "missing"),
        ("/questions/risk", "unread"),
        ("/questions/risk", "over_length"),
        ("/questions/consent", "missing"),
        ("/questions/recipient", "missing"),
        ("/reasons/domestic_abuse_check_outstanding", "domestic_abuse_check_outstanding"),
        ("/reasons/child_safeguarding_check_outstanding", "child_safeguarding_check_outstanding"),
    }


async def test_only_too_early_says_from_when(practitioner: AsyncClient, case: str) -> None:
    referral = await ready_housing(practitioner, case)
    await know(practitioner, case, release_on="2027-05-31")
    refused = await send(practitioner, referral)

    assert (refused.status_code, refused.json()["code"]) == (409, "too_early")
    assert refused.json()["first_possible_on"] == "2027-02-28"


async def test_what_was_sent_never_changes_and_shows_what_has_changed_since(
    practitioner: AsyncClient, case: str
) -> None:
    referral = await ready_housing(practitioner, case)
    sent = await send(practitioner, referral)
    await know(practitioner, case, release_on="2027-02-01")
    page = (await practitioner.get(f"/v1/referrals/{referral}")).json()

    assert sent.status_code == 201
    assert (page["status"], page["digest"]) == ("submitted", sent.json()["digest"])
    assert page["content"] == sent.json()["content"]
    assert [(d["question"], d["before"], d["after"]) for d in page["changed_since_sent"]] == [
        ("release_on", "2027-01-20", "2027-02-01")
    ]


async def test_an_amendment_sends_the_differences_as_a_new_version(practitioner: AsyncClient, case: str) -> None:
    referral = await ready_housing(practitioner, case)
    first = await send(practitioner, referral)
    await know(practitioner, case, release_on="2027-02-01")
    body = {"reason": "The release date moved.", "reasons": CHECKS}
    amended = await practitioner.post(f"/v1/referrals/{referral}/amendments", json=body)
    again = await practitioner.post(f"/v1/referrals/{referral}/amendments", json=body)
    kept = await practitioner.get(f"/v1/referrals/{referral}/versions/1")

    assert (amended.status_code, amended.json()["number"]) == (201, 2)
    assert [difference["question"] for difference in amended.json()["differences"]] == ["release_on"]
    assert (again.status_code, again.json()["detail"]) == (409, "Nothing has changed since it was sent.")
    assert kept.json()["content"] == first.json()["content"]


async def test_a_draft_changed_since_it_was_checked_is_not_sent(practitioner: AsyncClient, case: str) -> None:
    referral = await ready_housing(practitioner, case)
    etag = (await practitioner.get(f"/v1/referrals/{referral}")).headers["etag"]
    await know(practitioner, case, release_on="2027-02-01")

    assert (await send(practitioner, referral, **{"If-Match": etag})).status_code == 412


async def test_a_sent_referral_takes_no_more_changes(practitioner: AsyncClient, case: str) -> None:
    referral = await ready_housing(practitioner, case)
    await send(practitioner, referral)

    refused = await change(practitioner, referral, '"3"', answers={"consent": {"value": False}})
    assert (refused.status_code, refused.json()["code"]) == (409, "transition-not-allowed")
    assert (await send(practitioner, referral)).status_code == 409


async def test_a_recipient_sees_what_was_sent_and_never_a_draft_or_what_changed(
    as_role: AsRole, practitioner: AsyncClient, case: str
) -> None:
    referral = await ready_housing(practitioner, case)
    assessor = as_role("assessor", organisation="there")
    before = await assessor.get(f"/v1/referrals/{referral}")
    await send(practitioner, referral)
    await know(practitioner, case, release_on="2027-02-01")
    after = (await assessor.get(f"/v1/referrals/{referral}")).json()
    stranger = await as_role("assessor", organisation="elsewhere").get(f"/v1/referrals/{referral}")

    assert (before.status_code, stranger.status_code) == (404, 404)
    assert after["changed_since_sent"] is None
    assert "2027-02-01" not in str(after)


async def test_a_redacted_narrative_reaches_its_recipient_in_no_form(
    as_role: AsRole, practitioner: AsyncClient, case: str
) -> None:
    referral = await ready_housing(practitioner, case)
    redacted = {"risk": {"redacted_because": "It names the victim."}}
    await change(practitioner, referral, variants=redacted, read={"risk": True})
    sent = await send(practitioner, referral)
    assessor = as_role("assessor", organisation="there")
    page = await assessor.get(f"/v1/referrals/{referral}", headers={"Accept": "application/json"})
    document = await assessor.get(f"/v1/referrals/{referral}/document", headers={"Accept": "text/html"})

    assert sent.status_code == 201
    for shown in (page.text, document.text):
        assert "The public." not in shown
        assert "names the victim" not in shown


@pytest.mark.parametrize(
    ("accept", "kind", "starts"),
    [
        (None, "application/pdf", b"%PDF-"),
        ("text/html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("text/html;q=0.2, application/pdf", "application/pdf", b"%PDF-"),
    ],
)
async def test_a_referral_is_a_pdf_or_a_page(
    practitioner: AsyncClient, case: str, accept: str | None, kind: str, starts: bytes
) -> None:
    referral = await ready_housing(practitioner, case)
    headers = {"Accept": accept} if accept else {}
    document = await practitioner.get(f"/v1/referrals/{referral}/document", headers=headers)

    assert (document.status_code, document.headers["content-type"]) == (200, kind)
    assert document.content[: len(starts)].lower() == starts.lower()


async def test_a_format_nobody_can_make_is_said(practitioner: AsyncClient, case: str) -> None:
    referral = await ready_housing(practitioner, case)
    refused = await practitioner.get(f"/v1/referrals/{referral}/document", headers={"Accept": "image/png"})

    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")


async def test_the_questions_of_two_packs_are_asked_once_and_run_out(practitioner: AsyncClient, case: str) -> None:
    wanted = ({"pack": "housing", "recipient": "housing-near"}, {"pack": "care", "recipient": "care-near"})
    made = (await refer(practitioner, case, *wanted)).json()["items"]
    await know(practitioner, case, release_known=False, risk="The public.", needs=["none"], council="Leeds")
    for referral in made:
        own = {"consent": {"value": True}} | ({"what_for": {"value": "Care."}} if referral["pack"] == "care" else {})
        await change(practitioner, referral["id"], answers=own, read={"risk": True})
    listed = (await practitioner.get(f"/v1/cases/{case}/questions", params={"packs": "housing,care"})).json()

    assert listed["questions"] == []
    assert listed["counts"]["already_answered"] == listed["counts"]["distinct"]


async def test_a_pack_nobody_knows_is_named(practitioner: AsyncClient, case: str) -> None:
    refused = await practitioner.get(f"/v1/cases/{case}/questions", params={"packs": "housing,nothing"})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/packs")


async def test_a_check_without_an_answer_is_told_with_the_questions_and_what_would_settle_it(
    practitioner: AsyncClient, case: str
) -> None:
    listed = (await practitioner.get(f"/v1/cases/{case}/questions", params={"packs": "care"})).json()

    assert {warning["code"]: warning["item"] for warning in listed["warnings"]} == {
        "domestic_abuse_check_outstanding": "domestic_abuse_check_answered_on",
        "child_safeguarding_check_outstanding": "child_safeguarding_check_answered_on",
    }
