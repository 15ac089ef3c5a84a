"""Nothing is allowed that nobody decided to allow: the table and the published API are held to each other."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient

from service.access.callers import Role
from service.access.permissions import PERMITTED, PUBLIC, permits
from service.pages.authentication import PUBLIC_PAGES
from service.routes import api_pages
from service.routes.authentication import PUBLIC_PATH, PUBLIC_PATHS
from service.routes.descriptions import METHODS
from service.routes.transactions import TransactionalRoute

# Signing in and out, the way to one's own first page, and what says that there is no such page.
ABOUT_NO_PERSON = PUBLIC_PAGES | {"/pages", "/pages/sign-out", "/pages/{anything:path}"}

EVERY_REFUSAL = {"401", "403", "422", "500", "503"}


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Go through the published operations: method, path, description."""
    for path, described in app.openapi()["paths"].items():
        for method, operation in described.items():
            if method in METHODS:
                yield method, path, operation


@pytest.mark.parametrize("role", list(Role))
def test_an_operation_nobody_decided_about_is_refused_to_every_role(role: Role) -> None:
    assert not permits("an_operation_of_tomorrow", role)


def test_every_operation_stands_in_the_table_or_is_public(front_door: FastAPI) -> None:
    published = {operation["operationId"] for _, _, operation in operations(front_door)}

    assert published - set(PERMITTED) - PUBLIC == set()


def test_the_table_names_no_operation_that_does_not_exist(front_door: FastAPI) -> None:
    published = {operation["operationId"] for _, _, operation in operations(front_door)}

    assert (set(PERMITTED) | PUBLIC) - published == set()


def test_no_operation_is_both_public_and_permitted() -> None:
    assert set(PERMITTED) & PUBLIC == set()


def test_only_public_operations_are_on_public_paths(front_door: FastAPI) -> None:
    public = {path for _, path, operation in operations(front_door) if operation["operationId"] in PUBLIC}

    named = {path for path in public if PUBLIC_PATH.match(path)}
    assert public - named == PUBLIC_PATHS - {"/", "/openapi.json"} - api_pages.PATHS
    assert named == {"/directory/services/{service_id}"}
    assert all(path in public for _, path, operation in operations(front_door) if path in PUBLIC_PATHS)


def test_every_operation_but_the_public_ones_asks_for_a_token_and_says_how_it_refuses(front_door: FastAPI) -> None:
    unsaid = [
        operation["operationId"]
        for _, _, operation in operations(front_door)
        if operation["operationId"] not in PUBLIC
        and (operation.get("security") != [{"bearer": []}] or not set(operation["responses"]) >= EVERY_REFUSAL)
    ]

    assert unsaid == []


def test_every_refusal_is_described_in_the_one_shape(front_door: FastAPI) -> None:
    others = [
        (operation["operationId"], status)
        for _, _, operation in operations(front_door)
        for status, response in operation["responses"].items()
        if status.startswith(("4", "5")) and set(response.get("content", {})) != {"application/problem+json"}
    ]

    assert others == []


async def test_every_operation_refuses_strangers_before_it_looks_at_what_they_sent(front_door: FastAPI) -> None:
    transport, answers = ASGITransport(app=front_door), {}
    async with AsyncClient(transport=transport, base_url="http://broker") as stranger:
        for method, path, operation in operations(front_door):
            if operation["operationId"] not in PUBLIC:
                answer = await stranger.request(method, path, content=b"{not json")
                answers[f"{method} {path}"] = (answer.status_code, answer.json()["code"])

    assert {name: answer for name, answer in answers.items() if answer != (401, "unauthenticated")} == {}
    assert answers


def test_every_published_route_asks_the_table(front_door: FastAPI) -> None:
    """A route of another class would answer everybody who has a token, in no transaction and without a record."""
    others = [
        context.path
        for context in iter_route_contexts(front_door.routes)
        if context.path not in {"/", "/openapi.json"} | api_pages.PATHS | ABOUT_NO_PERSON
        and not str(context.path).startswith("/pages/assets/")
        and not isinstance(context.original_route, TransactionalRoute)
    ]

    assert others == []
