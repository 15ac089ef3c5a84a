"""The feed: one entry for each change a provider may see, nothing for any other, in order, and acknowledged by name."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.operations import tellings
from tests import make
from tests.make import A_MONDAY
from tests.routes.callers import AsRole, Clock
from tests.routes.test_disclosures import disclose
from tests.routes.test_provided_referrals import Provision, answer, provider, provision

__all__ = ["provider", "provision"]
FEED = "/v1/provider/changes"


async def changes(provider: AsyncClient, after: str | None, **query: Any) -> tuple[list[dict[str, Any]], str]:
    response = await provider.get(FEED, params=query | ({"after": after} if after else {}))
    assert response.status_code == 200, response.text
    return response.json()["items"], response.json()["next"]


def told(entries: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(entry["data"]["kind"], entry["data"]["items"]) for entry in entries]


async def test_a_change_the_provider_may_see_is_one_entry_with_the_items_shown_differently(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    nothing, place = await changes(provider, None)
    await answer(
        as_role, provision.crn, risk_overall_level="high", risk_imminence="imminent", safeguarding_detail="Hidden"
    )

    entries, following = await changes(provider, place)

    assert nothing == []
    assert told(entries) == [("changed", ["risk_overall_level"])]
    assert entries[0]["data"]["risk_raised"] is True
    assert (await changes(provider, following))[0] == []
    assert (await changes(provider, place))[0] == entries


@pytest.mark.parametrize(
    "hidden",
    [{"safeguarding_detail": "More"}, {"risk_imminence": "imminent"}, {"religion": "None"}, {"mappa_level": "level_3"}],
)
async def test_a_change_of_anything_else_leaves_no_trace(
    provider: AsyncClient, provision: Provision, as_role: AsRole, hidden: dict[str, str]
) -> None:
    before = (await provider.get(FEED)).json()
    place = before["next"]

    await answer(as_role, provision.crn, **hidden)

    assert (await changes(provider, place))[0] == []


async def test_the_custody_level_is_not_shown_and_its_change_is_none(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    await answer(as_role, provision.crn, risk_public_level={"community": "low", "custody": "low"})
    place = (await changes(provider, None))[1]

    await answer(as_role, provision.crn, risk_public_level={"community": "low", "custody": "high"})

    assert (await changes(provider, place))[0] == []


async def test_a_disclosure_its_end_and_its_withdrawal_are_changes(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    place = (await changes(provider, None))[1]
    assert (await disclose(as_role, provision)).status_code == 201
    second = (await disclose(as_role, provision, expires_on="2026-12-24")).json()
    address = f"/v1/referrals/{provision.referral}/disclosures/{second['id']}/withdrawal"
    await as_role("practitioner").post(address)

    entries, place = await changes(provider, place)
    assert told(entries) == [("changed", ["mappa_level"])]

    clock.advance(days=9)
    for _ in range(2):
        await tellings.tell_of_ends(committing, clock.now)
        await committing.commit()
    assert told((await changes(provider, place))[0]) == [("changed", ["mappa_level"])]


async def test_what_becomes_of_a_referral_is_told_and_its_end_removes_it_once(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    place = (await changes(provider, None))[1]
    withdrawal = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
    await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/withdrawal", json=withdrawal)
    entries, place = await changes(provider, place)
    assert told(entries) == [("referral", [])]

    clock.advance(days=28)
    for _ in range(2):
        await tellings.tell_of_ends(committing, clock.now)
        await committing.commit()
    entries, _ = await changes(provider, place)
    assert told(entries) == [("removed", [])]
    assert entries[0]["data"]["referral_id"] == str(provision.referral)


async def test_an_organisation_that_leaves_a_contract_is_told_once_and_served_nothing_earlier(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    start = (await changes(provider, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="high")
    administrator, another = as_role("administrator"), f"other-{provision.crn}"
    await administrator.put(f"/v1/organisations/{another}", json={"name": another})
    contract = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region"}
    contract |= {"areas": ["london"], "starts_on": "2026-01-01", "prime": another}
    kept = await administrator.put(f"/v1/contracts/contract-{provision.crn}", json=contract)
    assert kept.status_code == 200, kept.text

    assert told((await changes(provider, start))[0]) == [("removed", [])]


async def test_a_restriction_is_told_as_removed_and_its_lifting_as_added(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    start = (await changes(provider, None))[1]
    for restricted in (True, True, False):
        limits: dict[str, Any] = {"restricted": restricted, "allowed": [], "excluded": []}
        await as_role("record_system").put(f"/v1/cases/{provision.crn}/limited-access", json=limits)

    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]


async def test_a_cursor_of_another_organisation_or_of_none_is_gone(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    await make.add_contract(committing, f"second-{provision.crn}", f"second-org-{provision.crn}")
    await make.add_provider_worker(committing, f"second-{provision.crn}", f"second-org-{provision.crn}")
    await committing.commit()
    other = as_role(Role.PROVIDER, f"second-{provision.crn}", f"second-org-{provision.crn}")
    theirs = (await changes(other, None))[1]

    for cursor in (theirs, "1", theirs[:-4] + "AAAA"):
        gone = await provider.get(FEED, params={"after": cursor})
        assert (gone.status_code, gone.json()["code"]) == (410, "feed-cursor-gone")


async def test_a_cursor_older_than_what_is_kept_is_gone(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    old = (await changes(provider, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="high")
    clock.advance(days=91)
    await tellings.tell_of_ends(committing, clock.now)
    await committing.commit()

    assert (await provider.get(FEED, params={"after": old})).status_code == 410


async def test_a_waiting_poll_is_answered_by_the_change_and_an_idle_one_by_an_empty_page(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    place = (await changes(provider, None))[1]
    waiting = asyncio.create_task(changes(provider, place, wait=20))
    await asyncio.sleep(0.3)
    assert not waiting.done()

    await answer(as_role, provision.crn, risk_overall_level="high")

    entries, place = await asyncio.wait_for(waiting, 10)
    assert told(entries) == [("changed", ["risk_overall_level"])]
    assert (await changes(provider, place, wait=1))[0] == []


async def test_an_entry_that_commits_late_is_never_skipped(
    provider: AsyncClient, provision: Provision, as_role: AsRole, app: Any
) -> None:
    start = (await changes(provider, None))[1]
    async with app.state.sessions() as slow:
        await tellings.tell_of_referral(slow, provision.referral, A_MONDAY)
        quick = asyncio.create_task(answer(as_role, provision.crn, risk_overall_level="high"))
        await asyncio.sleep(0.3)
        seen, place = await changes(provider, start)
        await slow.commit()
    await quick
    later, _ = await changes(provider, place)

    assert told(seen + later) == [("referral", []), ("changed", ["risk_overall_level"])]


async def test_a_raised_risk_nobody_acknowledges_in_a_day_is_on_the_practitioner_s_list_until_somebody_does(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock
) -> None:
    place = (await changes(provider, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="very_high")
    (entry,), _ = await changes(provider, place)

    async def waits() -> bool:
        listed = (await as_role("practitioner").get("/v1/work", params={"limit": 200})).json()["items"]
        found = {(one["kind"], one["referral_id"]) for one in listed}
        return ("raised_risk_unacknowledged", str(provision.referral)) in found

    clock.advance(hours=23)
    assert not await waits()
    clock.advance(hours=1)
    assert await waits()

    address = f"{FEED}/{entry['id']}/acknowledgement"
    first, again = await provider.post(address), await provider.post(address)

    assert first.json()["acknowledged_by"] == provision.worker
    assert again.json() == first.json()
    assert not await waits()
    (row,) = (await as_role("practitioner").get(f"/v1/cases/{provision.crn}/changes")).json()["items"]
    assert (row["items"], row["acknowledged_by"], row["risk_raised"]) == (
        ["risk_overall_level"],
        provision.worker,
        True,
    )


async def test_another_organisation_cannot_acknowledge_what_it_was_not_told(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    place = (await changes(provider, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="high")
    (entry,), _ = await changes(provider, place)

    stranger = as_role(Role.PROVIDER, provision.worker, "another-organisation")

    assert (await stranger.post(f"{FEED}/{entry['id']}/acknowledgement")).status_code == 404


async def test_an_organisation_no_longer_active_is_told_and_served_nothing_earlier_when_it_is_back(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    start = (await changes(provider, None))[1]
    await answer(as_role, provision.crn, risk_overall_level="high")
    for active in (False, True):
        body = {"name": provision.organisation, "active": active}
        await as_role("administrator").put(f"/v1/organisations/{provision.organisation}", json=body)

    assert told((await changes(provider, start))[0]) == [("removed", []), ("added", [])]


async def test_a_disclosure_that_expires_under_another_of_the_same_item_changes_nothing(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock, committing: Session
) -> None:
    for last in ("2026-11-30", "2026-12-07"):
        assert (await disclose(as_role, provision, expires_on=last)).status_code == 201
    place, seen = (await changes(provider, None))[1], []
    for _ in range(4):
        clock.advance(days=5)
        await tellings.tell_of_ends(committing, clock.now)
        await committing.commit()
        entries, place = await changes(provider, place)
        seen.append(told(entries))

    assert seen == [[], [], [("changed", ["mappa_level"])], []]


async def test_what_a_record_system_learns_is_told_as_what_a_practitioner_writes_is(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    place = (await changes(provider, None))[1]
    learnt = {"value": ["alert_to_suicide_or_self_harm"], "source": "delius", "as_of": "2026-11-23"}
    body = {"answers": {"registers": learnt}}
    record_system = as_role("record_system")
    saved = await record_system.patch(f"/v1/cases/{provision.crn}/profile", json=body, headers={"If-Match": "*"})

    assert saved.status_code == 200, saved.text
    (entry,), _ = await changes(provider, place)
    assert (told([entry]), entry["data"]["risk_raised"]) == ([("changed", ["registers"])], True)


WITHDRAWAL = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
ENDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "completed": ("provider", "/v1/provider/referrals/{referral}/outcome", {"reason": "completed"}),
    "rejected": ("provider", "/v1/provider/referrals/{referral}/rejection", {"reason": "no_capacity"}),
    "withdrawn": (
        "practitioner",
        "/v1/referrals/{referral}/withdrawal",
        {"reason": "need_met_elsewhere", "note": "Elsewhere."},
    ),
    "died": ("practitioner", "/v1/cases/{crn}/events", {"kind": "death", "happened_on": "2026-11-23"}),
}


@pytest.mark.parametrize("end", list(ENDS))
async def test_however_a_referral_ends_its_provider_is_told_once(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session, end: str
) -> None:
    status = text("UPDATE referral SET status = :status WHERE id = :id")
    before = "started" if end == "completed" else "received"
    await (await committing.connection()).execute(status, {"status": before, "id": provision.referral})
    await committing.commit()
    place = (await changes(provider, None))[1]
    who, address, body = ENDS[end]
    client = provider if who == "provider" else as_role(who)
    ended = await client.post(address.format(referral=provision.referral, crn=provision.crn), json=body)

    assert ended.is_success, ended.text
    assert told((await changes(provider, place))[0]) == [("referral", [])]
