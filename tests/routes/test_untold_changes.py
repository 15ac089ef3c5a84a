"""What cannot be told, recorded or found out: nothing happens, and no answer is made of what there is.

The event, the feed's entry and the record's row are the act's own. Here the database refuses one of them, as a full
disk or a lost partition would, or does not let the profile be read.
"""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.routes.callers import AsRole
from tests.routes.test_provided_referrals import Provision, provider, provision
from tests.routes.test_provider_changes import FEED

__all__ = ["provider", "provision"]
# Where each names the person.
TRACES = {
    "outbox_event": "NEW.crn = '{crn}'",
    "feed_entry": "NEW.crn = '{crn}'",
    "audit_entry": "'{crn}' = ANY(NEW.crns)",
}
REFUSES = """
    CREATE FUNCTION refuse_a_trace() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF {about} THEN RAISE EXCEPTION 'no room for {crn}'; END IF; RETURN NEW; END $$
"""


@pytest.fixture(params=list(TRACES))
async def refused_trace(
    request: pytest.FixtureRequest, owner_engine: AsyncEngine, provision: Provision
) -> AsyncIterator[str]:
    """Have the database keep no row of one kind about the person, and name which."""
    table = str(request.param)
    about = TRACES[table].format(crn=provision.crn)
    async with owner_engine.begin() as owner:
        await owner.execute(text(REFUSES.format(about=about, crn=provision.crn)))
        await owner.execute(
            text(f"CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_a_trace()")
        )
    yield table
    async with owner_engine.begin() as owner:
        await owner.execute(text("DROP FUNCTION refuse_a_trace() CASCADE"))


async def test_a_change_that_leaves_no_trace_is_not_made(
    provision: Provision, provider: AsyncClient, as_role: AsRole, owner_engine: AsyncEngine, refused_trace: str
) -> None:
    body = {"answers": {"risk_overall_level": {"value": "very_high"}}}
    address, place = f"/v1/cases/{provision.crn}/profile", (await provider.get(FEED)).json()["next"]

    refused = await as_role("practitioner").patch(address, json=body, headers={"If-Match": "*"})

    async with owner_engine.connect() as owner:
        found = await owner.execute(text("SELECT answers, revision FROM profile WHERE crn = :crn"), vars(provision))
        assert tuple(found.one()) == ({}, 0)
    assert (refused.status_code, refused.json()["code"]) == (500, "internal-error")
    assert provision.crn not in refused.text
    assert (await provider.get(FEED, params={"after": place})).json()["items"] == []


@pytest.mark.parametrize("refused_trace", ["audit_entry"], indirect=True)
@pytest.mark.parametrize("path", ["", "/summary", "/document", "/provision"])
async def test_what_cannot_be_recorded_is_not_shown(
    provision: Provision, provider: AsyncClient, refused_trace: str, path: str
) -> None:
    refused = await provider.get(f"{provision.address}{path}")

    assert (refused.status_code, refused.json()["code"]) == (500, "internal-error")
    assert provision.crn not in refused.text


@pytest.fixture
async def unreadable(owner_engine: AsyncEngine) -> AsyncIterator[None]:
    """Have the database let nobody read a profile."""
    for change in ("REVOKE SELECT ON profile FROM", "GRANT SELECT ON profile TO"):
        async with owner_engine.begin() as owner:
            await owner.execute(text(f"{change} broker_app"))
        if change.startswith("REVOKE"):
            yield


async def test_what_cannot_be_found_out_is_an_error_and_never_no_risk(
    provision: Provision, provider: AsyncClient, as_role: AsRole, unreadable: None
) -> None:
    unknown = await provider.get(f"{provision.address}/summary")
    profile = await as_role("practitioner").get(f"/v1/cases/{provision.crn}/profile")

    assert [(one.status_code, one.json()["code"]) for one in (unknown, profile)] == [(500, "internal-error")] * 2
    assert "items" not in unknown.json()
