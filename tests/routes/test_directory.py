"""The public directory: what is in force, in the Open Referral UK shape, no secret address."""

import datetime
import itertools
import uuid
from typing import Any

import pytest
from httpx import AsyncClient

from service.db import Session
from service.schemas.directory import directory_id
from service.settings import Settings
from tests import make
from tests.routes.callers import AsRole, Clock

PAGE = {"total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"}


async def test_the_directory_names_what_is_in_force_and_nothing_else_on_pages_that_join_up(
    committing: Session, client: AsyncClient
) -> None:
    long_ago, some_day = datetime.date(2019, 1, 1), datetime.date(2199, 1, 1)
    await make.add_contract(committing, "in-directory", "directory-prime", starts_on=long_ago)
    await make.add_contract(committing, "over", "directory-prime-two", starts_on=long_ago, ends_on=long_ago)
    await make.add_contract(committing, "not-begun", "directory-prime-three", starts_on=some_day)
    await make.add_recipient(committing, "secret-premises", "approved_premises")
    await committing.commit()

    page = (await client.get("/directory/services", params={"per_page": 2})).json()
    names = await listed(client)
    whole = (await client.get("/directory/organizations", params={"per_page": 2})).json()
    second = (await client.get("/directory/organizations", params={"page": 2, "per_page": 1})).json()

    assert set(page) == PAGE
    assert "in-directory" in names
    assert names.keys().isdisjoint({"over", "not-begun", "secret-premises"})
    assert page["total_items"] == len(names)
    assert set(second) == PAGE
    assert second["contents"] == whole["contents"][1:2]
    assert (second["first_page"], second["total_pages"]) == (False, whole["total_items"])


async def test_one_service_is_read_as_it_stands_in_the_list_and_any_other_is_not_found(
    committing: Session, client: AsyncClient
) -> None:
    long_ago = datetime.date(2019, 1, 1)
    await make.add_contract(committing, "one-service", "one-service-prime", starts_on=long_ago)
    await make.add_contract(
        committing, "one-service-over", "one-service-prime-two", starts_on=long_ago, ends_on=long_ago
    )
    await committing.commit()
    service = (await listed(client))["one-service"]

    read = await client.get(f"/directory/services/{service['id']}")
    others = [directory_id("service", "one-service-over"), directory_id("service", "nothing-such")]
    absent = [await client.get(f"/directory/services/{one}") for one in others]
    misshapen = await client.get("/directory/services/one-service")

    assert (read.status_code, read.json()) == (200, service)
    assert [(one.status_code, one.json()["code"]) for one in absent] == [(404, "not-found")] * 2
    assert [fault["pointer"] for fault in misshapen.json()["errors"]] == ["/path/service_id"]
    assert (await client.get(f"/directory/services/{service['id']}/more")).status_code == 401


@pytest.fixture
async def women_s(committing: Session, crn: str) -> str:
    """Commit a contract for women between two ages, of one category, and another organisation's for anybody."""
    begun = datetime.date(2019, 1, 1)
    await make.add_contract(committing, f"women-{crn}", f"prime-{crn}", starts_on=begun, sex="female", maximum_age=25)
    await make.add_contract(committing, f"any-{crn}", f"second-{crn}", starts_on=begun, categories=["ete"])
    await committing.commit()
    return f"women-{crn}"


async def listed(client: AsyncClient, **query: str) -> dict[str, dict[str, Any]]:
    """Read every page: other tests leave services in the directory, more than a page of them when they come first."""
    services: dict[str, dict[str, Any]] = {}
    for number in itertools.count(1):
        answer = await client.get("/directory/services", params={"per_page": "50", "page": str(number)} | query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        services |= {service.get("alternate_name", service["id"]): service for service in page["contents"]}
        if page["last_page"]:
            break
    return services


async def test_the_directory_says_what_it_is(client: AsyncClient, app_settings: Settings) -> None:
    said = (await client.get("/directory")).json()

    assert said["version"].startswith("3.")
    assert said["openapi_url"] == f"{app_settings.address}/openapi.json"
    assert said["profile"].startswith("https://")


async def test_a_service_says_for_whom_it_is_and_of_which_kind(client: AsyncClient, women_s: str, crn: str) -> None:
    services = await listed(client)
    ours, other = services[women_s], services[f"any-{crn}"]

    assert (ours["minimum_age"], ours["maximum_age"], other["maximum_age"]) == (18, 25, None)
    assert ours["eligibility_description"] == "Women aged 18 to 25 whom a probation practitioner refers."
    assert other["eligibility_description"] == "People aged 18 and over whom a probation practitioner refers."
    terms = [one["taxonomy_term"] for one in ours["attributes"]]
    assert [(term["code"], term["name"]) for term in terms] == [("acc", "Accommodation")]
    assert {one["link_id"] for one in ours["attributes"]} == {ours["id"]}


async def test_services_are_found_by_what_they_are_whose_and_since_when(
    client: AsyncClient, as_role: AsRole, clock: Clock, women_s: str, crn: str
) -> None:
    services = await listed(client)
    ours, other = services[women_s], services[f"any-{crn}"]
    by_term = await listed(client, taxonomy_term_id=ours["attributes"][0]["taxonomy_term"]["id"])
    by_taxonomy = await listed(client, taxonomy_id=ours["attributes"][0]["taxonomy_term"]["taxonomy_id"])
    by_organization = await listed(client, organization_id=ours["organization"]["id"])
    by_word = await listed(client, search=f"PRIME-{crn}".upper())
    clock.advance(days=1)
    await as_role("administrator").put(f"/v1/organisations/second-{crn}", json={"name": f"second-{crn}"})
    since = await listed(client, modified_after=clock.now.date().isoformat())
    brief = await listed(client, minimal="true")

    assert women_s in by_term
    assert f"any-{crn}" not in by_term
    assert by_taxonomy.keys() == services.keys()
    assert by_organization.keys() == by_word.keys() == {women_s}
    assert f"any-{crn}" in since
    assert women_s not in since
    assert set(brief[other["id"]]) == {"id", "last_modified"}
    assert (await listed(client, full="true")).keys() == services.keys()


@pytest.mark.parametrize(
    "query",
    [
        {"organization_id": str(uuid.uuid4())},
        {"taxonomy_term_id": str(uuid.uuid4())},
        {"taxonomy_id": str(uuid.uuid4())},
        {"search": "100% of nothing_such"},
        {"modified_after": "2199-01-01"},
    ],
)
async def test_a_filter_that_nothing_passes_gives_an_empty_page_and_not_all(
    client: AsyncClient, women_s: str, query: dict[str, str]
) -> None:
    page = (await client.get("/directory/services", params=query)).json()

    assert (page["contents"], page["total_items"], page["empty"]) == ([], 0, True)
