"""Keeping providers: what an administrator may register, and that leaving a contract leaves a trace."""

from typing import Any

import pytest
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.callers import AsRole

CONTRACT: dict[str, Any] = {"title": "Homes", "contract_type": "acc", "categories": ["acc"], "area_kind": "region"}
CONTRACT |= {"areas": ["london"], "starts_on": "2026-01-01", "prime": "prime-one", "subcontractors": ["sub-one"]}


@pytest.fixture
async def registered(committing: Session, as_role: AsRole) -> None:
    """Register two organisations and a recipient for their contract."""
    await make.add_recipient(committing, "homes-contract", "commissioned_services", categories=["acc"])
    await make.add_recipient(committing, "no-contract", "cas3")
    await committing.commit()
    for organisation in ("prime-one", "sub-one"):
        body = {"name": organisation}
        assert (await as_role("administrator").put(f"/v1/organisations/{organisation}", json=body)).status_code == 200


async def test_an_organisation_that_leaves_a_contract_has_an_end_and_is_not_forgotten(
    registered: None, as_role: AsRole, committing: Session
) -> None:
    administrator = as_role("administrator")
    assert (await administrator.put("/v1/contracts/homes-contract", json=CONTRACT)).status_code == 200

    without = CONTRACT | {"subcontractors": []}
    assert (await administrator.put("/v1/contracts/homes-contract", json=without)).status_code == 200

    connection = await committing.connection()
    rows = await connection.execute(
        text(
            "SELECT organisation_id, ended_at IS NULL FROM contract_member WHERE contract_id = 'homes-contract' "
            "ORDER BY organisation_id"
        )
    )
    assert [tuple(row) for row in rows] == [("prime-one", True), ("sub-one", False)]


@pytest.mark.parametrize(
    ("address", "changes", "pointer"),
    [
        ("no-contract", {}, "/path/contract_id"),
        ("unknown", {}, "/path/contract_id"),
        ("homes-contract", {"prime": "nobody"}, "/prime"),
        ("homes-contract", {"subcontractors": ["sub-one", "nobody"]}, "/subcontractors/1"),
        ("homes-contract", {"categories": ["ete"]}, "/categories"),
        ("homes-contract", {"contract_type": "zzz"}, "/contract_type"),
    ],
)
async def test_a_contract_that_cannot_be_is_refused_naming_the_field(
    registered: None, as_role: AsRole, address: str, changes: dict[str, Any], pointer: str
) -> None:
    refused = await as_role("administrator").put(f"/v1/contracts/{address}", json=CONTRACT | changes)

    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_a_worker_who_comes_back_has_a_new_place_beside_the_old(
    registered: None, as_role: AsRole, committing: Session
) -> None:
    address = "/v1/organisations/sub-one/workers/back.again"
    for active in (True, False, True, True):
        body = {"name": "Back Again", "active": active}
        assert (await as_role("administrator").put(address, json=body)).status_code == 200

    connection = await committing.connection()
    places = await connection.execute(
        text("SELECT count(*), count(ended_at) FROM provider_worker WHERE worker_id = 'back.again'")
    )
    assert tuple(places.one()) == (2, 1)
