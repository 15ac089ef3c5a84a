"""Choosing a contract for a person, and what is refused where a contract takes no referrals or somebody is barred."""

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.models.organisations import Contract, ContractMember, Organisation
from tests import make, rows
from tests.make import A_MONDAY
from tests.routes.callers import AsRole
from tests.routes.drafting import change, know, ready_housing, refer, send, serving_two_packs
from tests.routes.test_disclosures import decision
from tests.routes.test_provided_referrals import Provision, provider, provision

__all__ = ["provider", "provision"]
pytestmark = pytest.mark.usefixtures("clock")
TODAY = A_MONDAY.date()
A_DAY = datetime.timedelta(days=1)


async def run(session: Session, statement: str, **parameters: Any) -> None:
    connection = await session.connection()
    await connection.execute(text(statement), parameters)
    await session.commit()


async def judged(client: AsyncClient, crn: str, **query: str) -> dict[str, Any]:
    response = await client.get(f"/v1/cases/{crn}/contracts", params=query)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


async def test_the_person_s_contracts_are_picked_and_the_others_say_every_reason(
    as_role: AsRole, committing: Session, crn: str
) -> None:
    own, region = as_role(Role.PRACTITIONER), f"region {crn}"
    await make.open_case(committing, crn)
    await make.add_contract(committing, f"fits-{crn}", f"org-{crn}", [f"sub-{crn}"], areas=[region])
    over: dict[str, Any] = {"areas": [region], "ends_on": TODAY - A_DAY, "starts_on": TODAY - A_DAY, "sex": "female"}
    await make.add_contract(committing, f"over-{crn}", f"old-{crn}", **over)
    await make.add_contract(committing, f"women-{crn}", f"her-{crn}", areas=[region], sex="female")
    police: dict[str, Any] = {"area_kind": "police_area", "areas": [region]}
    await make.add_contract(committing, f"police-{crn}", f"pol-{crn}", **police)
    connection = await committing.connection()
    await connection.execute(
        text("UPDATE case_record SET region = :region WHERE crn = :crn"), {"region": region, "crn": crn}
    )
    await committing.commit()
    await know(own, crn, date_of_birth="1990-01-01")

    async def of_mine(**query: str) -> dict[str, Any]:
        page = await judged(own, crn, **query)
        return {one["id"].partition("-")[0]: one for one in page["items"] if one["id"].endswith(crn)}

    before = await of_mine()
    await know(own, crn, sex="male")
    after = await of_mine(police_area=region, category="ete")

    assert {name: one["fit"] for name, one in before.items()} == {
        "fits": "fits",
        "over": "does_not_fit",
        "women": "cannot_tell",
        "police": "cannot_tell",
    }
    assert (before["women"]["unknown"], before["police"]["unknown"]) == (["sex"], ["police_area"])
    assert (before["fits"]["prime"], before["fits"]["subcontractors"]) == (f"org-{crn}", [f"sub-{crn}"])
    assert [reason["code"] for reason in after["over"]["reasons"]] == ["ended", "another_category", "another_sex"]
    assert [reason["code"] for reason in after["police"]["reasons"]] == ["another_category"]


async def test_facts_nobody_has_said_are_listed_and_a_category_there_is_not_is_refused(
    as_role: AsRole, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    own = as_role(Role.PRACTITIONER)

    refused = await own.get(f"/v1/cases/{crn}/contracts", params={"category": "zzz"})

    assert (await judged(own, crn))["unknown"] == ["region", "police_area", "sex", "age"]
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/query/category"]


@pytest.fixture
async def two_packs(app: FastAPI, tmp_path: Path) -> AsyncIterator[None]:
    """Serve a catalogue of two small packs, each with two recipients."""
    async with serving_two_packs(app, tmp_path):
        yield


@pytest.fixture
async def case(committing: Session, crn: str, two_packs: None) -> str:
    """Commit a case, and a recipient that no other test uses."""
    await make.open_case(committing, crn)
    await make.add_recipient(committing, f"housing-{crn}", "housing")
    await committing.commit()
    return crn


async def ready(own: AsyncClient, case: str) -> str:
    """Return a referral to the case's recipient with nothing left but to send it."""
    referral = await ready_housing(own, case)
    assert (await change(own, referral, recipient=f"housing-{case}")).status_code == 200
    # What was agreed to was agreed to for the recipient there was.
    consented = await change(own, referral, answers={"consent": {"value": True}})
    assert consented.json()["lacks"] == []
    return referral


async def hold(session: Session, case: str, prime: str, *others: str, **terms: Any) -> None:
    """Commit a contract of the case's recipient, whoever held one before."""
    recipient = f"housing-{case}"
    await run(session, "UPDATE contract_member SET ended_at = now() WHERE contract_id = :id", id=recipient)
    row: dict[str, Any] = {"title": recipient, "contract_type": "acc", "area_kind": "region", "areas": ["wales"]}
    row |= {"categories": ["acc"], "starts_on": TODAY, "ends_on": None}
    await rows.merge(session, Contract(id=recipient, **row | terms))
    for organisation in (prime, *others):
        part = "prime" if organisation == prime else "subcontractor"
        await rows.merge(session, Organisation(id=organisation, name=f"The {organisation}", registered_at=A_MONDAY))
        await rows.add(
            session, ContractMember(contract_id=recipient, organisation_id=organisation, part=part, started_at=A_MONDAY)
        )
    await session.commit()


REFUSED: dict[str, tuple[dict[str, Any], bool]] = {
    "contract-ended": ({"starts_on": TODAY - A_DAY, "ends_on": TODAY - A_DAY}, False),
    "contract-not-begun": ({"starts_on": TODAY + A_DAY}, False),
    "contract-organisation-suspended": ({}, True),
}


@pytest.mark.parametrize("code", list(REFUSED))
async def test_nothing_is_addressed_or_sent_to_a_contract_that_takes_no_referrals(
    as_role: AsRole, committing: Session, case: str, code: str
) -> None:
    own, (terms, suspended) = as_role(Role.PRACTITIONER), REFUSED[code]
    await hold(committing, case, f"holder-{case}")
    referral = await ready(own, case)
    await hold(committing, case, f"holder-{case}", **terms)
    if suspended:
        await run(committing, "UPDATE organisation SET active = FALSE WHERE id = :id", id=f"holder-{case}")

    sent = await send(own, referral)
    made = await refer(own, case, {"pack": "housing", "recipient": f"housing-{case}", "second_reason": "Again."})
    again = await change(own, referral, recipient=f"housing-{case}")
    await hold(committing, case, f"another-{case}")

    assert (sent.status_code, sent.json()["code"]) == (409, "contract-not-in-force")
    assert [fault["code"] for fault in sent.json()["errors"]] == [code]
    assert [(fault["pointer"], fault["code"]) for fault in made.json()["errors"]] == [("/packs/0/recipient", code)]
    assert [(fault["pointer"], fault["code"]) for fault in again.json()["errors"]] == [("/recipient", code)]
    last = await send(own, referral)
    assert last.status_code == 201, last.text


@pytest.mark.parametrize("barred", ["holder-{}", "under-{}", "The  UNDER-{}"])
async def test_whoever_works_under_the_contract_is_held_against_the_list_of_who_must_not_receive(
    as_role: AsRole, committing: Session, case: str, barred: str
) -> None:
    own = as_role(Role.PRACTITIONER)
    await hold(committing, case, f"holder-{case}", f"under-{case}")
    referral = await ready(own, case)
    kept = await change(own, referral, must_not_receive=[{"name": barred.format(case), "reason": "A relative."}])
    assert kept.status_code == 200, kept.text

    refused = await send(own, referral)
    await hold(committing, case, f"another-{case}")

    assert (refused.status_code, refused.json()["code"]) == (409, "recipient-must-not-receive")
    last = await send(own, referral)
    assert last.status_code == 201, last.text


async def test_a_restricted_person_s_referral_is_sent_once_a_worker_under_the_contract_is_named(
    as_role: AsRole, committing: Session, case: str
) -> None:
    own = as_role(Role.PRACTITIONER)
    await hold(committing, case, f"holder-{case}")
    await make.add_provider_worker(committing, f"worker-{case}", f"holder-{case}")
    referral = await ready(own, case)
    await make.limit_access(committing, case, allowed=["p.test"])
    await run(committing, "UPDATE case_record SET restricted = TRUE WHERE crn = :crn", crn=case)

    refused = await send(own, referral)
    named = await own.put(f"/v1/referrals/{referral}/named-workers/worker-{case}")

    assert (refused.status_code, refused.json()["code"]) == (409, "workers-not-named")
    assert named.status_code == 200, named.text
    last = await send(own, referral)
    assert last.status_code == 201, last.text


BAR = """
    UPDATE referral SET own = jsonb_build_object('must_not_receive', jsonb_build_object('value', jsonb_build_array(
        jsonb_build_object('name', CAST(:name AS text), 'reason', 'A relative.')))) WHERE id = :id
"""


async def bar(session: Session, provision: Provision, name: str) -> None:
    await run(session, BAR, name=name, id=provision.referral)
    await run(session, "UPDATE organisation SET name = 'Homes & Co' WHERE id = :id", id=provision.organisation)
    await run(session, "UPDATE provider_worker SET name = 'Val Kin' WHERE worker_id = :id", id=provision.worker)


@pytest.mark.parametrize("name", ["homes  & co", "VAL KIN"])
async def test_an_organisation_or_worker_barred_by_name_sees_nothing(
    provider: AsyncClient, provision: Provision, committing: Session, name: str
) -> None:
    assert (await provider.get(provision.address)).status_code == 200
    await bar(committing, provision, name)

    assert (await provider.get(provision.address)).status_code == 404
    assert (await provider.get("/v1/provider/referrals")).json()["items"] == []


async def test_nothing_more_is_disclosed_to_an_organisation_barred_by_name(
    provision: Provision, committing: Session, as_role: AsRole
) -> None:
    await bar(committing, provision, "Homes & Co")
    address = f"/v1/referrals/{provision.referral}/disclosures"

    refused = await as_role(Role.PRACTITIONER).post(address, json=decision(provision))

    assert refused.json()["code"] == "recipient-must-not-receive"
