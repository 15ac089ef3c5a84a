"""One more thing disclosed to one provider for one referral: on which ground, until when, and what it shows."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.routes.callers import AsRole, Clock
from tests.routes.test_provided_referrals import Provision, answer, provider, provision, summary

__all__ = ["provider", "provision"]


def decision(provision: Provision, **changes: Any) -> dict[str, Any]:
    made = {"organisation": provision.organisation, "item": "mappa_level", "gateway": "mappa_decision"}
    return made | {"reason": "The panel decided it.", "expires_on": "2026-11-30"} | changes


async def disclose(as_role: AsRole, provision: Provision, **changes: Any) -> Any:
    address = f"/v1/referrals/{provision.referral}/disclosures"
    return await as_role("practitioner").post(address, json=decision(provision, **changes))


async def test_a_disclosed_item_is_shown_until_the_end_of_its_last_day(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock
) -> None:
    await answer(as_role, provision.crn, mappa_level="level_2")
    assert "mappa_level" not in await summary(provider, provision)

    assert (await disclose(as_role, provision)).status_code == 201

    assert (await summary(provider, provision))["mappa_level"]["now"]["value"] == "level_2"
    clock.advance(days=7, hours=14, minutes=59)
    assert "mappa_level" in await summary(provider, provision)
    clock.advance(minutes=1)
    assert "mappa_level" not in await summary(provider, provision)


async def test_a_withdrawn_disclosure_shows_nothing_from_the_next_request_on(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    made = (await disclose(as_role, provision)).json()

    address = f"/v1/referrals/{provision.referral}/disclosures"
    withdrawn = await as_role("practitioner").post(f"{address}/{made['id']}/withdrawal")
    again = await as_role("practitioner").post(f"{address}/{made['id']}/withdrawal")

    assert (withdrawn.status_code, withdrawn.json()["withdrawn_by"]) == (200, "p.test")
    assert again.json()["withdrawn_at"] == withdrawn.json()["withdrawn_at"]
    assert "mappa_level" not in await summary(provider, provision)
    kept = (await as_role("practitioner").get(address)).json()["items"]
    assert [one["id"] for one in kept] == [made["id"]]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"item": "victims"}, "/item", "not-disclosable"),
        ({"item": "nothing_such"}, "/item", "not-disclosable"),
        ({"gateway": "consent"}, "/gateway", "needs-mappa-decision"),
        ({"organisation": "another"}, "/organisation", "not-on-contract"),
        ({"expires_on": "2026-11-22"}, "/expires_on", "out-of-range"),
        ({"expires_on": "2027-11-24"}, "/expires_on", "out-of-range"),
    ],
)
async def test_what_may_not_be_disclosed_is_refused_naming_the_field(
    provision: Provision, as_role: AsRole, changes: dict[str, str], pointer: str, code: str
) -> None:
    refused = await disclose(as_role, provision, **changes)

    assert refused.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [(pointer, code)]


async def test_nothing_is_disclosed_for_a_referral_that_has_ended(provision: Provision, as_role: AsRole) -> None:
    withdrawal = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
    await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/withdrawal", json=withdrawal)

    assert (await disclose(as_role, provision)).json()["code"] == "disclosure-not-possible"


async def test_a_disclosure_of_another_referral_is_not_there(provision: Provision, as_role: AsRole) -> None:
    absent = "00000000-0000-4000-8000-00000000dead"
    address = f"/v1/referrals/{provision.referral}/disclosures/{absent}/withdrawal"

    assert (await as_role("practitioner").post(address)).status_code == 404
