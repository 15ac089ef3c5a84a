"""What is published of each operation is all there, leads somewhere, and says what anybody needs to begin."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from service.access.permissions import PUBLIC
from service.commands import descriptions, settings_pages
from service.routes.descriptions import TAGS
from service.routes.examples import BODIES, PARAMETERS
from service.routes.links import LINKS
from service.settings import Settings
from tests.contract.relations import Operation, operations_of

ROOT = Path(__file__).parents[2]
JSON = "application/json"
# What a query may say: how much of what is kept and in which form, of which places and kinds, and of which staff.
OF_A_PAGE = {"cursor", "limit", "page", "per_page", "after", "wait", "at"}
OF_A_FORM = {"format", "naming", "provenance", "collapsed", "version"}
OF_REFERENCE_DATA = {"pack", "packs", "item", "status", "kind", "category", "police_area", "region", "at_risk"}
OF_REFERENCE_DATA |= {"recipient", "organisation", "premises", "team", "team_name"}
OF_STAFF = {"worker", "practitioner"}
# Where nobody is, and everybody may look.
OF_THE_DIRECTORY = {"search", "organization_id", "taxonomy_term_id", "taxonomy_id", "modified_after", "minimal"}


@pytest.fixture
def operations(app: FastAPI) -> list[Operation]:
    """Return the published operations."""
    return list(operations_of(app))


def successes(operation: Operation) -> list[dict[str, Any]]:
    return [answer for status, answer in operation.described["responses"].items() if status.startswith("2")]


def test_each_operation_has_a_heading_a_text_a_known_tag_and_a_success(operations: list[Operation]) -> None:
    poor = [
        operation.id
        for operation in operations
        if not operation.described["summary"]
        or not operation.described["description"]
        or not set(operation.described["tags"]) <= set(TAGS)
        or not successes(operation)
    ]

    assert poor == []
    assert {tag for operation in operations for tag in operation.described["tags"]} == set(TAGS)


def test_each_success_says_what_it_holds(operations: list[Operation]) -> None:
    unsaid = [
        operation.id
        for operation in operations
        for answer in successes(operation)
        if not answer.get("content")
        or any(JSON in media and not said.get("schema") for media, said in answer["content"].items())
    ]

    assert unsaid == []


def test_each_operation_asks_for_a_token_unless_it_is_public(operations: list[Operation]) -> None:
    assert {one.id for one in operations if one.described.get("security") != [{"bearer": []}]} == PUBLIC


def test_each_body_and_each_parameter_that_names_something_has_an_example(operations: list[Operation]) -> None:
    bodies = {one.id for one in operations if one.takes_a_body or one.takes_a_form}
    parameters = [parameter for one in operations for parameter in one.described.get("parameters", ())]
    texts = {one["name"] for one in parameters if one["schema"]["type"] == "string" and "enum" not in one["schema"]}
    numbers_in_paths = {one["name"] for one in parameters if one["in"] == "path"}

    assert bodies == set(BODIES)
    # A cursor comes from the page before; without a version, it is the newest.
    assert (texts | numbers_in_paths) - {"cursor", "version"} == set(PARAMETERS)


def test_nothing_about_a_person_is_asked_for_in_a_query(operations: list[Operation]) -> None:
    """Addresses are kept in logs, histories and caches: a name or a date of birth is sent in a body, to be found."""
    asked = {one["name"] for each in operations for one in each.described.get("parameters", ()) if one["in"] == "query"}

    assert asked == OF_A_PAGE | OF_A_FORM | OF_REFERENCE_DATA | OF_STAFF | OF_THE_DIRECTORY


def test_each_link_leads_from_an_operation_to_one_there_is_by_parameters_it_has(operations: list[Operation]) -> None:
    by_id, astray = {operation.id: operation for operation in operations}, []
    for start, links in LINKS.items():
        for end, parameters in links.items():
            taken = {one["name"] for one in by_id[end].described.get("parameters", ())} if end in by_id else set()
            named = {name.removeprefix("header.") for name in parameters}
            if start not in by_id or not named <= taken or not by_id[end].names <= named:
                astray.append(f"{start} to {end}")

    assert astray == []


def test_every_operation_about_a_referral_or_a_case_is_reached_by_a_link(operations: list[Operation]) -> None:
    reached = {end for links in LINKS.values() for end in links}
    about_people = {operation.id for operation in operations if operation.names & {"crn", "referral_id"}}

    # These begin something of their own.
    begins = {"allocate_case", "limit_access", "record_person_event", "resume_referral", "disclose_item", "name_worker"}
    assert about_people - reached == begins


def test_the_description_in_the_repository_is_what_the_app_publishes() -> None:
    published = (ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8")

    assert published == descriptions.published_description(), "run `make openapi` and look at what changed"


def test_the_page_of_settings_is_what_the_settings_are() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert page == settings_pages.page(), "run `referral-broker settings --write docs/settings.md`"
    unnamed = [
        name for name, field in Settings.model_fields.items() if settings_pages.variable_of(name, field) not in page
    ]
    assert unnamed == []
