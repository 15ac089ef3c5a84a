"""What a provider reads: what was sent, and beside it how things stand at this moment."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from service.access.callers import Caller, Role
from service.access.records import PROVISION
from service.catalogue.disclosures import disclosure_table
from service.catalogue.loading import catalogue
from service.db import Session
from service.operations.provided_referrals import find_beside
from tests import make
from tests.routes.callers import AsRole, Clock

LEVELS = {"community": "medium", "custody": "low"}
SENT = {
    "risk_overall_level": "medium",
    "risk_children_level": LEVELS,
    "licence_conditions": [{"kind": "residence"}, {"kind": "drug_testing"}],
}


@dataclass(frozen=True)
class Provision:
    """A person referred to a contract, and the organisation that works under it."""

    crn: str
    referral: uuid.UUID
    organisation: str
    worker: str

    @property
    def address(self) -> str:
        return f"/v1/provider/referrals/{self.referral}"


def content() -> dict[str, Any]:
    said = {"asked": True, "answered": True, "kind": "bound", "as_of": "2026-11-01", "source": "p.test"}
    questions = [{"id": item, "label": item, "value": value, **said} for item, value in SENT.items()]
    return {"sections": [{"id": "risk", "label": "Risk", "questions": questions}], "form": {}}


@pytest.fixture
async def provision(committing: Session, crn: str) -> Provision:
    """Commit a person whose risk was medium when they were referred."""
    organisation, worker = f"org-{crn}", f"worker-{crn}"
    await make.add_contract(committing, f"contract-{crn}", organisation, needs={"conditions": ["residence"]})
    await make.add_provider_worker(committing, worker, organisation)
    await make.open_case(committing, crn)
    sent = {"recipient_id": f"contract-{crn}", "content": content()}
    referral = await make.add_sent_referral(committing, crn, "commissioned_services", "received", **sent)  # type: ignore[arg-type]
    await committing.commit()
    return Provision(crn, referral, organisation, worker)


@pytest.fixture
def provider(as_role: AsRole, provision: Provision) -> AsyncClient:
    """Return a client for a worker of that organisation."""
    return as_role(Role.PROVIDER, provision.worker, provision.organisation)


async def answer(as_role: AsRole, crn: str, **answers: Any) -> None:
    changes = {"answers": {item: {"value": value} for item, value in answers.items()}}
    response = await as_role("practitioner").patch(f"/v1/cases/{crn}/profile", json=changes, headers={"If-Match": "*"})
    assert response.status_code == 200, response.text


async def summary(provider: AsyncClient, provision: Provision) -> dict[str, dict[str, Any]]:
    response = await provider.get(f"{provision.address}/summary")
    assert response.status_code == 200, response.text
    return {row["item"]: row for row in response.json()["items"]}


async def test_a_change_of_risk_is_seen_on_the_next_read_and_marked(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    await answer(as_role, provision.crn, risk_overall_level="high", risk_children_level=LEVELS)

    rows = await summary(provider, provision)

    overall, children = rows["risk_overall_level"], rows["risk_children_level"]
    assert (overall["as_sent"]["value"], overall["now"]["value"], overall["differs"]) == ("medium", "high", True)
    assert (children["as_sent"]["value"], children["now"]["value"], children["differs"]) == ("medium", "medium", False)


async def test_what_was_not_sent_and_what_is_withheld_are_not_said_to_differ(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    await answer(as_role, provision.crn, safeguarding_concerns=True, safeguarding_detail="A neighbour was hurt.")

    rows = await summary(provider, provision)

    assert rows["safeguarding_concerns"]["as_sent"]["not_sent"] is True
    assert (rows["safeguarding_concerns"]["now"]["value"], rows["safeguarding_concerns"]["differs"]) == (True, None)
    assert rows["safeguarding_detail"]["now"]["withheld"] == "safeguarding_detail"
    assert rows["safeguarding_detail"]["differs"] is None


async def test_only_the_licence_conditions_the_contract_needs_are_compared(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    conditions = [{"kind": "residence", "detail": "As told"}, {"kind": "curfew", "detail": "From nine"}]
    await answer(as_role, provision.crn, licence_conditions=conditions)

    row = (await summary(provider, provision))["licence_conditions"]

    assert [one["kind"] for one in row["as_sent"]["value"]] == ["residence"]
    assert [one["kind"] for one in row["now"]["value"]] == ["residence"]


async def test_licence_conditions_of_other_kinds_change_no_byte_and_tell_nobody(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    needed = {"kind": "residence", "detail": "As told"}
    await answer(as_role, provision.crn, licence_conditions=[needed])
    place = (await provider.get("/v1/provider/changes")).json()["next"]
    before = (await provider.get(f"{provision.address}/summary")).content

    await answer(as_role, provision.crn, licence_conditions=[needed, {"kind": "no_contact", "detail": "With them"}])

    assert (await provider.get(f"{provision.address}/summary")).content == before
    assert (await provider.get("/v1/provider/changes", params={"after": place})).json()["items"] == []


async def test_to_a_contract_that_needs_none_licence_conditions_are_withheld_never_said_to_be_none(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    statement = text("UPDATE contract SET needs = '{}' WHERE id = :id")
    await (await committing.connection()).execute(statement, {"id": f"contract-{provision.crn}"})
    await committing.commit()
    nothing = (await summary(provider, provision))["licence_conditions"]
    await answer(as_role, provision.crn, licence_conditions=[{"kind": "curfew", "detail": "From nine"}])

    row = (await summary(provider, provision))["licence_conditions"]

    assert nothing["now"]["withheld"] == row["now"]["withheld"] == "not_needed"
    assert (row, row["differs"]) == (nothing, None)


async def test_a_reading_is_on_the_record_with_what_was_shown_and_withheld(
    provider: AsyncClient, provision: Provision, committing: Session
) -> None:
    response = await provider.get(f"{provision.address}/summary")

    connection = await committing.connection()
    found = await connection.execute(
        text("SELECT crns, referral_id, items, withheld, organisation FROM audit_entry WHERE trace_id = :id"),
        {"id": response.headers["trace-id"]},
    )
    crns, referral, items, withheld, organisation = found.one()
    assert (crns, referral, organisation) == ([provision.crn], provision.referral, provision.organisation)
    assert "risk_overall_level" in items
    assert "safeguarding_detail" in withheld
    assert "safeguarding_detail" not in items


async def test_the_record_says_what_a_reading_was_for_and_by_which_gateway_more_was_shown(
    provider: AsyncClient, provision: Provision, committing: Session
) -> None:
    connection, told = await committing.connection(), []
    for _ in range(2):
        trace = (await provider.get(f"{provision.address}/summary")).headers["trace-id"]
        found = await connection.execute(
            text("SELECT purpose, gateway FROM audit_entry WHERE trace_id = :id"), {"id": trace}
        )
        told.append(tuple(found.one()))
        await make.add_disclosure(committing, provision.referral, provision.crn, provision.organisation)
        await committing.commit()
        connection = await committing.connection()
    decided = (
        await connection.execute(text("SELECT gateway FROM disclosure WHERE crn = :crn"), {"crn": provision.crn})
    ).first()

    assert decided is not None
    assert told == [(PROVISION, None), (PROVISION, decided[0])]


@pytest.mark.parametrize(
    "path", ["", "/summary", "/document", "/provision", "/proposals", "/queries", "/end-of-service-report"]
)
async def test_whatever_a_provider_reads_or_is_refused_is_on_the_record_with_what_it_was_for(
    provider: AsyncClient, provision: Provision, committing: Session, path: str
) -> None:
    asked = [f"{provision.address}{path}", f"/v1/provider/referrals/{uuid.uuid4()}{path}", "/v1/provider/referrals"]
    traces = [(await provider.get(one)).headers["trace-id"] for one in asked]
    found = await (await committing.connection()).execute(
        text("SELECT purpose FROM audit_entry WHERE trace_id = ANY(:ids)"), {"ids": traces}
    )

    assert [row.purpose for row in found] == [PROVISION] * 3


async def test_what_the_feed_told_is_on_the_record_item_by_item(
    provider: AsyncClient, provision: Provision, as_role: AsRole, committing: Session
) -> None:
    place = (await provider.get("/v1/provider/changes")).json()["next"]
    await answer(as_role, provision.crn, risk_overall_level="high", safeguarding_detail="Hidden")
    await answer(as_role, provision.crn, risk_overall_level="low", registers=["arson"])
    trace = (await provider.get("/v1/provider/changes", params={"after": place})).headers["trace-id"]
    found = await (await committing.connection()).execute(
        text("SELECT crns, items, purpose FROM audit_entry WHERE trace_id = :id"), {"id": trace}
    )

    assert tuple(found.one()) == ([provision.crn], ["registers", "risk_overall_level"], PROVISION)


ENDS = {
    "the organisation leaves the contract": "UPDATE contract_member SET ended_at = now() WHERE organisation_id = :org",
    "the worker is suspended": "UPDATE provider_worker SET ended_at = now() WHERE worker_id = :worker",
    "the organisation is no longer active": "UPDATE organisation SET active = FALSE WHERE id = :org",
    "access to the person is restricted": "UPDATE case_record SET restricted = TRUE WHERE crn = :crn",
    "the worker is excluded": "INSERT INTO limited_access (crn, worker_id, kind, recorded_by, recorded_at) "
    "VALUES (:crn, :worker, 'excluded', 'r.test', now())",
}


@pytest.mark.parametrize("what", list(ENDS))
async def test_access_ends_with_the_next_request(
    provider: AsyncClient, provision: Provision, committing: Session, what: str
) -> None:
    assert (await provider.get(provision.address)).status_code == 200

    connection = await committing.connection()
    named = {"org": provision.organisation, "worker": provision.worker, "crn": provision.crn}
    await connection.execute(text(ENDS[what]), {name: named[name] for name in named if f":{name}" in ENDS[what]})
    await committing.commit()

    assert (await provider.get(provision.address)).status_code == 404
    assert (await provider.get(f"{provision.address}/summary")).status_code == 404
    assert (await provider.get("/v1/provider/referrals")).json()["items"] == []


async def test_a_referral_that_ended_stays_for_28_days_and_is_then_gone(
    provider: AsyncClient, provision: Provision, as_role: AsRole, clock: Clock
) -> None:
    withdrawal = {"reason": "need_met_elsewhere", "note": "Elsewhere."}
    moved = await as_role("practitioner").post(f"/v1/referrals/{provision.referral}/withdrawal", json=withdrawal)
    assert moved.status_code == 200, moved.text

    clock.advance(days=27, hours=23)
    assert (await provider.get(provision.address)).status_code == 200
    clock.advance(hours=1)
    assert (await provider.get(provision.address)).status_code == 404


async def test_the_list_has_what_was_sent_to_the_contract_and_names_it(
    provider: AsyncClient, provision: Provision
) -> None:
    listed = (await provider.get("/v1/provider/referrals")).json()

    assert [(one["id"], one["contract"]) for one in listed["items"]] == [
        (str(provision.referral), f"contract-{provision.crn}")
    ]
    assert listed["next"] is None


async def test_what_a_provider_may_not_be_shown_does_not_leave_the_database_for_a_summary(
    provision: Provision, as_role: AsRole, committing: Session
) -> None:
    await answer(as_role, provision.crn, risk_overall_level="high", family_name="Withheld")
    caller = Caller(provision.worker, Role.PROVIDER, "client", provision.organisation)
    now = datetime.datetime.now(datetime.UTC)

    found = await find_beside(committing, provision.referral, catalogue(), caller, now)

    assert found is not None
    assert set(found["answers"]) <= set(disclosure_table().showable_live)
    assert "family_name" not in found["answers"]
    assert found["answers"]["risk_overall_level"]["value"] == "high"
    assert {question["id"] for question in found["sent"]} == set(SENT)


async def test_a_contract_that_is_over_for_an_organisation_takes_its_own_referrals_away_and_no_other_s(
    provider: AsyncClient, provision: Provision, committing: Session
) -> None:
    await make.add_contract(committing, f"left-{provision.crn}", provision.organisation)
    left = await make.add_sent_referral(
        committing, provision.crn, "commissioned_services", "received", recipient_id=f"left-{provision.crn}"
    )
    connection = await committing.connection()
    ends = text("UPDATE contract_member SET ended_at = now() WHERE contract_id = :id")
    await connection.execute(ends, {"id": f"left-{provision.crn}"})
    await committing.commit()

    listed = (await provider.get("/v1/provider/referrals")).json()["items"]
    assert [one["id"] for one in listed] == [str(provision.referral)]
    assert (await provider.get(f"{provision.address}/summary")).status_code == 200
    assert (await provider.get(f"/v1/provider/referrals/{left}")).status_code == 404


async def test_nobody_has_said_none_withheld_and_not_sent_are_four_answers(
    provider: AsyncClient, provision: Provision, as_role: AsRole
) -> None:
    await answer(as_role, provision.crn, registers=["none"])

    rows = await summary(provider, provision)

    nothing = dict.fromkeys(("value", "as_of", "withheld", "not_sent"))
    told = {name: rows[name]["now"] for name in ("risk_overall_level", "registers", "safeguarding_detail")}
    assert told == {
        "risk_overall_level": nothing,
        "registers": nothing | {"value": ["none"], "as_of": "2026-11-23"},
        "safeguarding_detail": nothing | {"withheld": "safeguarding_detail"},
    }
    assert rows["registers"]["as_sent"] == nothing | {"not_sent": True}
