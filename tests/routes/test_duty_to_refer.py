"""A referral to a council: only with the person's agreement and choice, one at a time, and asked of nobody again."""

import asyncio
import datetime
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.db import Session
from service.demonstration.playing import Cast
from tests.routes.conftest import A_MONDAY, AsRole, Clock
from tests.routes.drafting import change
from tests.routes.loops import act
from tests.routes.moving_on import REASONS, add_place, invented, lacks, open_known_case, ready, send

CASE = invented(3, A_MONDAY.date())
PACK = "duty_to_refer"
MADE = ("duty_to_refer_made", "duty_to_refer_made_on", "duty_to_refer_council", "duty_to_refer_outcome")


@pytest.fixture
async def cast(as_role: AsRole, crn: str, clock: Clock) -> Cast:
    """Give the callers of a case whose profile is full."""
    return await open_known_case(as_role, crn, CASE)


async def councils(session: Session, crn: str, *names: str) -> list[str]:
    return [await add_place(session, f"{name}-{crn.lower()}") for name in names]


async def refer_again(cast: Cast, crn: str, council: str, **own: Any) -> str:
    """Make another referral to a council and answer what it asks afresh; its narratives are read again."""
    made = await cast.practitioner.post(
        f"/v1/cases/{crn}/referrals", json={"packs": [{"pack": PACK, "recipient": council}]}
    )
    referral: str = made.json()["items"][0]["id"]
    answers = {name: {"value": value} for name, value in {**CASE.own[PACK], **own}.items()}
    page = (await cast.practitioner.get(f"/v1/referrals/{referral}")).json()
    asked = [question for section in page["sections"] for question in section["questions"]]
    read = {question["item"]: True for question in asked if question["narrative"]}
    assert (await change(cast.practitioner, referral, answers=answers, read=read)).status_code == 200
    return referral


async def status_of(client: AsyncClient, referral: str) -> tuple[str, str | None]:
    page = (await client.get(f"/v1/referrals/{referral}")).json()
    return page["status"], page["status_reason"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"person_consents": False}, "not_agreed"),
        ({"council_choice": "another_council"}, "not_their_choice"),
        ({"council_choice": "not_asked"}, "not_their_choice"),
        ({"person_consents": None}, "missing"),
        ({"council_choice": None}, "missing"),
    ],
)
async def test_without_agreement_and_choice_no_council_is_told(
    cast: Cast, crn: str, committing: Session, answer: dict[str, Any], code: str
) -> None:
    (council,) = await councils(committing, crn, "near")
    referral = await ready(cast, CASE, crn, PACK, council)
    answers = {name: {"value": value} for name, value in answer.items()}
    await change(cast.practitioner, referral, answers=answers)

    refused = await send(cast.practitioner, referral)

    assert refused.status_code == 409
    assert [fault["code"] for fault in refused.json()["errors"]] == [code]


async def test_in_wales_the_refusal_says_what_to_do_instead(cast: Cast, crn: str, committing: Session) -> None:
    council = await add_place(committing, f"welsh-{crn.lower()}", area="wales")
    referral = await refer_again(cast, crn, council)

    refused = await send(cast.practitioner, referral)

    assert refused.status_code == 409
    (fault,) = refused.json()["errors"]
    assert (fault["code"], fault["pointer"]) == ("england_only", "/questions/recipient")
    assert "In Wales the person applies to the council for help" in fault["detail"]


async def test_what_was_agreed_for_one_council_is_asked_again_for_another(
    cast: Cast, crn: str, committing: Session
) -> None:
    near, far = await councils(committing, crn, "near", "far")
    referral = await ready(cast, CASE, crn, PACK, near)
    assert await lacks(cast.practitioner, referral) == []

    await change(cast.practitioner, referral, recipient=far)

    page = (await cast.practitioner.get(f"/v1/referrals/{referral}")).json()
    assert [lack["pointer"] for lack in page["lacks"]] == [
        "/questions/person_consents", "/questions/council_choice", "/questions/declaration",
    ]  # fmt: skip


async def test_a_new_draft_after_one_that_came_to_nothing_takes_over_no_decision(
    cast: Cast, crn: str, committing: Session
) -> None:
    near, far = await councils(committing, crn, "near", "far")
    referral = await ready(cast, CASE, crn, PACK, near)
    await act(cast.practitioner, referral, "withdrawal", {"reason": "wrong_council"})

    made = await cast.practitioner.post(
        f"/v1/cases/{crn}/referrals", json={"packs": [{"pack": PACK, "recipient": far}]}
    )

    page = (await cast.practitioner.get(f"/v1/referrals/{made.json()['items'][0]['id']}")).json()
    missing = {lack["pointer"].rpartition("/")[2] for lack in page["lacks"] if lack["code"] == "missing"}
    assert missing == {"person_consents", "council_choice", "declaration"}


async def test_sending_one_tells_the_profile_so_that_no_form_asks_for_it(
    cast: Cast, crn: str, committing: Session, clock: Clock
) -> None:
    (council,) = await councils(committing, crn, "near")
    before = await cast.practitioner.get(f"/v1/cases/{crn}/profile")
    assert before.json()["answers"]["duty_to_refer_made"]["value"] is False
    referral = await ready(cast, CASE, crn, PACK, council)

    assert (await send(cast.practitioner, referral)).status_code == 201

    known = (await cast.practitioner.get(f"/v1/cases/{crn}/profile")).json()["answers"]
    assert [known[item]["value"] for item in MADE] == [
        True, A_MONDAY.date().isoformat(), f"{council} (invented)", "pending",
    ]  # fmt: skip
    assert {known[item]["source"] for item in MADE} == {"broker"}
    assert not any("conflict" in known[item] for item in MADE)
    line = (await cast.practitioner.get(f"/v1/cases/{crn}/eligibility")).json()["duty_to_refer"]
    assert line["status"] == "submitted"
    deadlines = (await cast.practitioner.get(f"/v1/cases/{crn}/timeline")).json()["items"]
    expiry = next(item for item in deadlines if item["name"] == "duty_to_refer_expiry")
    assert expiry["due_on"] == (A_MONDAY.date() + datetime.timedelta(weeks=26)).isoformat()


async def test_a_new_one_withdraws_the_earlier_one_with_its_own_code(
    cast: Cast, crn: str, committing: Session, as_role: AsRole
) -> None:
    near, far = await councils(committing, crn, "near", "far")
    first = await ready(cast, CASE, crn, PACK, near)
    await send(cast.practitioner, first)
    await act(as_role("assessor", organisation=near), first, "receipt")
    second = await refer_again(cast, crn, far)
    assert (await status_of(cast.practitioner, first))[0] == "received"

    assert (await send(cast.practitioner, second)).status_code == 201

    assert await status_of(cast.practitioner, first) == ("withdrawn", "new_referral")
    assert await status_of(cast.practitioner, second) == ("submitted", None)
    rows = "SELECT action, outcome, details ->> 'for' FROM audit_entry WHERE referral_id = CAST(:id AS uuid)"
    connection = await committing.connection()
    written = [tuple(row) for row in await connection.execute(text(rows), {"id": first})]
    assert ("supersede_duty_to_refer", "changed", second) in written
    steps = (await as_role("assessor", organisation=near).get(f"/v1/referrals/{first}/steps")).json()["items"]
    assert (steps[-1]["action"], steps[-1]["reason"]) == ("withdrawal", "new_referral")
    assert second not in str(steps)


async def test_one_that_a_council_has_answered_stays_as_it_was_answered(
    cast: Cast, crn: str, committing: Session, as_role: AsRole
) -> None:
    near, far = await councils(committing, crn, "near", "far")
    first = await ready(cast, CASE, crn, PACK, near)
    await send(cast.practitioner, first)
    council = as_role("assessor", organisation=near)
    await act(council, first, "receipt")
    assert (await act(council, first, "acceptance", {})).status_code == 422
    accepted = await act(council, first, "acceptance", {"reason": "prevention_and_relief"})
    assert accepted.status_code == 200, accepted.text

    await send(cast.practitioner, await refer_again(cast, crn, far))

    assert await status_of(cast.practitioner, first) == ("accepted", "prevention_and_relief")


@pytest.mark.parametrize(
    ("decision", "body", "known_as"),
    [
        ("acceptance", {"reason": "priority_need"}, ("accepted_priority_need", "accepted")),
        ("rejection", {"reason": "no_local_connection"}, ("rejected_no_local_connection", "not_accepted")),
        ("rejection", {"reason": "other", "note": "Owns a boat."}, ("rejected_other", "not_accepted")),
    ],
)
async def test_what_the_council_decides_is_known_to_every_form(
    cast: Cast,
    crn: str,
    committing: Session,
    as_role: AsRole,
    decision: str,
    body: dict[str, Any],
    known_as: tuple[str, str],
) -> None:
    (near,) = await councils(committing, crn, "near")
    referral = await ready(cast, CASE, crn, PACK, near)
    await send(cast.practitioner, referral)
    council = as_role("assessor", organisation=near)
    await act(council, referral, "receipt")

    decided = await act(council, referral, decision, body)

    assert decided.status_code == 200, decided.text
    known = (await cast.practitioner.get(f"/v1/cases/{crn}/profile")).json()["answers"]
    assert known["duty_to_refer_outcome"]["value"] == known_as[0]
    assert known.get("duty_to_refer_refusal_detail", {}).get("value") == body.get("note")
    line = (await cast.practitioner.get(f"/v1/cases/{crn}/eligibility")).json()["duty_to_refer"]
    assert line["status"] == known_as[1]


async def test_of_two_sent_at_once_one_stands(cast: Cast, crn: str, committing: Session) -> None:
    near, far = await councils(committing, crn, "near", "far")
    first, second = await ready(cast, CASE, crn, PACK, near), await refer_again(cast, crn, far)
    answers = await asyncio.gather(
        *(cast.practitioner.post(f"/v1/referrals/{each}/submission", json=REASONS) for each in (first, second))
    )

    assert [answer.status_code for answer in answers] == [201, 201]
    ends = sorted([await status_of(cast.practitioner, each) for each in (first, second)], key=str)
    assert ends == [("submitted", None), ("withdrawn", "new_referral")]


async def test_the_same_council_is_not_asked_twice_at_once_without_a_reason(
    cast: Cast, crn: str, committing: Session
) -> None:
    (near,) = await councils(committing, crn, "near")
    first = await ready(cast, CASE, crn, PACK, near)
    await send(cast.practitioner, first)

    again = await cast.practitioner.post(
        f"/v1/cases/{crn}/referrals", json={"packs": [{"pack": PACK, "recipient": near}]}
    )

    assert again.status_code == 409
    assert again.json()["referral_id"] == first


@pytest.mark.parametrize("kind", ["application/pdf", "text/html"])
@pytest.mark.parametrize("pack", ["duty_to_refer", "supported_housing"])
async def test_what_was_sent_is_a_document(
    cast: Cast, crn: str, committing: Session, as_role: AsRole, pack: str, kind: str
) -> None:
    place = await add_place(committing, f"{pack}-{crn.lower()}", pack)
    referral = await ready(cast, CASE, crn, pack, place)
    assert (await send(cast.practitioner, referral)).status_code == 201

    document = await as_role("assessor", organisation=place).get(
        f"/v1/referrals/{referral}/document", headers={"Accept": kind}
    )

    assert document.status_code == 200, document.text
    assert document.content[:4] == b"%PDF" if kind == "application/pdf" else f"{place} (invented)" in document.text
