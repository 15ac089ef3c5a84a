"""A recipient's inbox and a practitioner's own list: who sees what, in which order, and pages that lose nothing."""

import datetime
import uuid
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole, Clock
from tests.routes.loops import Loop, open_loop

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def loop(committing: Session, as_role: AsRole, crn: str) -> Loop:
    return await open_loop(committing, as_role, crn)


def day(number: int) -> datetime.datetime:
    return make.A_MONDAY - datetime.timedelta(days=number)


async def listed(client: AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get("/v1/referrals", params=asked)
    assert answer.status_code == 200, answer.text
    return [referral["id"] for referral in answer.json()["items"]]


async def walked(client: AsyncClient, limit: int, **asked: Any) -> list[str]:
    shown: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/v1/referrals", params={"limit": limit, **asked, **cursor})).json()
        shown += [referral["id"] for referral in page["items"]]
        if page["next"] is None:
            return shown
        cursor = {"cursor": page["next"]}


def texts(*ids: uuid.UUID) -> list[str]:
    return [str(one) for one in ids]


async def test_a_recipient_sees_what_was_sent_to_their_organisation_the_last_first(loop: Loop, as_role: AsRole) -> None:
    older = await loop.referral("received", at=day(3))
    newer = await loop.referral("submitted", pack="mappa", at=day(1))
    await loop.referral("draft", pack="cas3")

    assert await listed(loop.assessor) == texts(newer, older)
    assert await listed(as_role("assessor", organisation="another-unit")) == []
    assert await listed(as_role("assessor")) == []


async def test_a_status_asked_for_twice_shows_its_referrals_once(loop: Loop) -> None:
    sent = await loop.referral("submitted")

    assert await listed(loop.assessor, status=["submitted", "submitted"]) == texts(sent)


async def test_a_practitioner_sees_the_referrals_of_their_cases_drafts_first(loop: Loop, as_role: AsRole) -> None:
    sent = await loop.referral("submitted", at=day(1))
    draft = await loop.referral("draft", pack="cas3")

    assert await listed(loop.practitioner) == texts(draft, sent)
    assert await listed(as_role("practitioner", worker="p.stranger")) == []


async def test_a_team_and_whoever_opened_a_case_see_its_referrals_and_nobody_excluded_does(
    loop: Loop, as_role: AsRole
) -> None:
    referral = await loop.referral("submitted")
    team = f"team-{loop.crn}"
    for worker in ("w1", "w2"):
        await make.add_worker(loop.session, f"{worker}-{loop.crn}", team)
    await make.limit_access(loop.session, loop.crn, excluded=[f"w2-{loop.crn}"])
    await loop.rows("UPDATE allocation SET team = :team WHERE crn = :crn RETURNING crn", team=team, crn=loop.crn)
    seen = [await listed(as_role("manager", worker=f"{worker}-{loop.crn}")) for worker in ("w1", "w2")]

    assert seen == [texts(referral), []]


async def test_an_excluded_assessor_does_not_see_it_in_the_inbox(loop: Loop, as_role: AsRole) -> None:
    await loop.referral("submitted")
    await make.limit_access(loop.session, loop.crn, excluded=["a.excluded"])
    await loop.session.commit()

    assert await listed(as_role("assessor", worker="a.excluded", organisation=loop.recipient)) == []


async def test_the_list_is_narrowed_by_status_recipient_and_pack(loop: Loop) -> None:
    received = await loop.referral("received", at=day(2))
    accepted = await loop.referral("accepted", pack="cas3", at=day(1))

    for client in (loop.assessor, loop.practitioner):
        assert await listed(client, status="received") == texts(received)
        assert await listed(client, status=["received", "accepted"]) == texts(accepted, received)
        assert await listed(client, pack="cas3") == texts(accepted)
        assert await listed(client, recipient=loop.recipient) == texts(accepted, received)
        assert await listed(client, recipient="another-unit") == []


@pytest.mark.parametrize(
    "asked", [{"status": "lost"}, {"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"pack": "A B"}, {"pack": ""}]
)
async def test_what_cannot_be_asked_for_is_refused(loop: Loop, asked: dict[str, Any]) -> None:
    refused = await loop.assessor.get("/v1/referrals", params=asked)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"].split("/")[:3]) == (
        422, ["", "query", next(iter(asked))]
    )  # fmt: skip


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
async def test_pages_show_everything_once_and_in_order(loop: Loop, limit: int) -> None:
    sent = [await loop.referral("withdrawn", at=day(number // 2)) for number in range(6)]
    drafts = [await loop.referral("draft", pack=pack) for pack in ("cas3", "mappa")]
    by_time = [sorted(texts(*pair), reverse=True) for pair in (sent[:2], sent[2:4], sent[4:])]
    expected = [one for pair in by_time for one in pair]

    assert await walked(loop.assessor, limit) == expected
    assert await walked(loop.practitioner, limit) == sorted(texts(*drafts), reverse=True) + expected


async def test_a_draft_sent_while_somebody_pages_does_not_vanish_and_what_is_new_waits(
    loop: Loop, clock: Clock
) -> None:
    drafts = [await loop.referral("draft", pack=pack) for pack in ("cas3", "mappa", "approved_premises")]
    first = (await loop.practitioner.get("/v1/referrals", params={"limit": 1})).json()
    rest = [one for one in texts(*drafts) if one != first["items"][0]["id"]]
    clock.advance(minutes=5)
    await loop.rows(
        "UPDATE referral SET status = 'submitted', submitted_at = :now WHERE id = ANY(:ids) RETURNING id",
        now=clock.now, ids=[uuid.UUID(one) for one in rest],
    )  # fmt: skip
    await loop.referral("submitted", pack="commissioned_services", at=clock.now)
    second = await loop.practitioner.get("/v1/referrals", params={"cursor": first["next"]})

    assert sorted(one["id"] for one in second.json()["items"]) == sorted(rest)


async def test_one_row_in_the_record_of_access_names_everybody_shown(loop: Loop, as_role: AsRole) -> None:
    other = f"Y{loop.crn[1:]}"
    await make.open_case(loop.session, other)
    await loop.referral("submitted")
    await loop.referral("submitted", crn=other)
    assert len(await listed(loop.assessor)) == 2
    rows = await loop.rows(
        "SELECT crns FROM audit_entry WHERE action = 'list_referrals' AND organisation = :unit", unit=loop.recipient
    )

    assert [sorted(row.crns) for row in rows] == [[loop.crn, other]]


async def test_nobody_else_has_an_inbox(as_role: AsRole, client: AsyncClient) -> None:
    assert (await client.get("/v1/referrals")).status_code == 401
    assert (await as_role("auditor").get("/v1/referrals")).status_code == 403
