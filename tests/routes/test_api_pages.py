"""The interactive API page works on a machine with no network, and under a policy that lets nothing else in."""

import re

import pytest
from httpx import AsyncClient

TYPES = {"css": "text/css", "js": "text/javascript"}


async def _files_of_the_page(client: AsyncClient) -> list[str]:
    page = (await client.get("/docs")).text
    return [path for path in re.findall(r'(?:src|href)="([^"]+)"', page) if path != "data:,"]


async def test_the_api_page_and_what_it_loads_come_from_here_without_a_token(client: AsyncClient) -> None:
    files = await _files_of_the_page(client)

    assert len(files) == 3
    for file in files:
        answer = await client.get(f"/{file}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
            200,
            TYPES[file.rpartition(".")[2]],
        )


async def test_the_api_page_names_no_other_host(client: AsyncClient) -> None:
    start = next(file for file in await _files_of_the_page(client) if "start" in file)

    texts = [(await client.get(path)).text for path in ("/docs", f"/{start}")]

    assert [text for text in texts if "//" in text] == []


async def test_the_api_pages_policy_lets_in_this_origin_alone_and_nothing_inline(client: AsyncClient) -> None:
    answer = await client.get("/docs")

    directives = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert directives.pop("img-src") == "data:"
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    assert set(directives.values()) == {"'none'", "'self'"}
    assert re.search(r"<style|<script(?! src=)| on\w+=| style=", answer.text) is None


@pytest.mark.parametrize("path", ["/docs/", "/docs/redoc.standalone.js", "/docs/favicon.png", "/docs/__init__.py"])
async def test_nothing_else_of_the_package_is_served(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401


async def test_the_page_reads_the_description_that_is_published(client: AsyncClient) -> None:
    start = next(file for file in await _files_of_the_page(client) if "start" in file)

    named = re.search(r'url: "([^"]+)"', (await client.get(f"/{start}")).text)

    assert named is not None
    assert (await client.get(f"/{named.group(1)}")).json()["info"]["title"] == "Referral Broker"
