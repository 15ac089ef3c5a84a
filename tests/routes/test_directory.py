"""The public directory: what is in force, in the Open Referral UK shape, no secret address."""

import datetime

from httpx import AsyncClient
from sqlmodel.ext.asyncio.session import AsyncSession

from service.schemas.directory import directory_id
from tests import make

PAGE = {"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"}


async def test_the_directory_names_what_is_in_force_and_nothing_else_on_pages_that_join_up(
    committing: AsyncSession, client: AsyncClient
) -> None:
    long_ago, some_day = datetime.date(2019, 1, 1), datetime.date(2199, 1, 1)
    await make.add_contract(committing, "in-directory", "directory-prime", starts_on=long_ago)
    await make.add_contract(committing, "over", "directory-prime-two", starts_on=long_ago, ends_on=long_ago)
    await make.add_contract(committing, "not-begun", "directory-prime-three", starts_on=some_day)
    await make.add_recipient(committing, "secret-premises", "approved_premises")
    await committing.commit()

    page = (await client.get("/directory/services", params={"per_page": 200})).json()
    whole = (await client.get("/directory/organizations", params={"per_page": 200})).json()
    second = (await client.get("/directory/organizations", params={"page": 2, "per_page": 1})).json()

    names = {service["alternate_name"] for service in page["contents"]}
    assert set(page) == PAGE
    assert "in-directory" in names
    assert names.isdisjoint({"over", "not-begun", "secret-premises"})
    assert page["total_items"] == len(page["contents"])
    assert set(second) == PAGE
    assert second["contents"] == whole["contents"][1:2]
    assert (second["first_page"], second["total_pages"]) == (False, whole["total_items"])


async def test_one_service_is_read_as_it_stands_in_the_list_and_any_other_is_not_found(
    committing: AsyncSession, client: AsyncClient
) -> None:
    long_ago = datetime.date(2019, 1, 1)
    await make.add_contract(committing, "one-service", "one-service-prime", starts_on=long_ago)
    await make.add_contract(
        committing, "one-service-over", "one-service-prime-two", starts_on=long_ago, ends_on=long_ago
    )
    await committing.commit()
    page = (await client.get("/directory/services", params={"per_page": 200})).json()
    (listed,) = (service for service in page["contents"] if service["alternate_name"] == "one-service")

    read = await client.get(f"/directory/services/{listed['id']}")
    others = [directory_id("service", "one-service-over"), directory_id("service", "nothing-such")]
    absent = [await client.get(f"/directory/services/{one}") for one in others]
    misshapen = await client.get("/directory/services/one-service")

    assert (read.status_code, read.json()) == (200, listed)
    assert [(one.status_code, one.json()["code"]) for one in absent] == [(404, "not-found")] * 2
    assert [fault["pointer"] for fault in misshapen.json()["errors"]] == ["/path/service_id"]
    assert (await client.get(f"/directory/services/{listed['id']}/more")).status_code == 401
