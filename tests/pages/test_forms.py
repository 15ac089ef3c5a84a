"""A form is taken from our own page in this session, and from nowhere else."""

import re
from collections.abc import Mapping

import pytest
from httpx import AsyncClient

from service.db import Session
from tests import make
from tests.pages.conftest import SignIn
from tests.routes.callers import AsRole

NAME = "given_names"


async def saved(as_role: AsRole, crn: str) -> bool:
    return NAME in (await as_role("practitioner").get(f"/v1/cases/{crn}/profile")).json()["answers"]


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    """Return somebody's case."""
    await make.open_case(committing, crn)
    await committing.commit()
    return crn


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
async def test_only_a_page_of_this_origin_sends_a_form(
    sign_in: SignIn, as_role: AsRole, case: str, headers: Mapping[str, str], is_taken: bool
) -> None:
    visitor = await sign_in("practitioner")

    answer = await visitor.send(
        f"/pages/people/{case}/questions/{NAME}", {"answer": "Ann", "revision": "0"}, headers=headers
    )

    assert answer.status_code == (303 if is_taken else 403)
    assert await saved(as_role, case) is is_taken


@pytest.mark.parametrize("mark", ["", "0" * 64, "another session's"])
async def test_a_form_without_this_sessions_mark_is_refused(
    sign_in: SignIn, as_role: AsRole, case: str, mark: str
) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/people/{case}/questions/{NAME}"

    answer = await visitor.send(address, {"answer": "Ann", "revision": "0", "form_mark": mark})

    assert answer.status_code == 403
    assert not await saved(as_role, case)


async def test_a_form_of_another_session_is_refused(sign_in: SignIn, as_role: AsRole, case: str) -> None:
    one, other = await sign_in("practitioner"), await sign_in("practitioner")
    page = await one.get(f"/pages/people/{case}/questions/{NAME}")

    answer = await other.fill(page, f"/pages/people/{case}/questions/{NAME}", answer="Ann")

    assert answer.status_code == 403
    assert not await saved(as_role, case)


async def test_nobody_is_signed_out_by_another_site(sign_in: SignIn) -> None:
    visitor = await sign_in("practitioner")

    assert (await visitor.send("/pages/sign-out", {}, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await visitor.get("/pages/people")).status_code == 200


async def test_what_is_not_a_form_is_not_read(sign_in: SignIn, case: str) -> None:
    visitor = await sign_in("practitioner")

    answer = await visitor.client.post(f"/pages/people/{case}/questions/{NAME}", json={"answer": "Ann"})

    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/pages/sign-in", "/pages/people", "/pages/nothing", "/pages/people/X999999"])
async def test_every_page_lets_in_this_origin_alone_and_is_kept_nowhere(sign_in: SignIn, path: str) -> None:
    visitor = await sign_in("practitioner")

    answer = await visitor.get(path)

    policy = answer.headers.get("content-security-policy", "")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.status_code == 303 or "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    assert "<style" not in answer.text
    assert " onclick" not in answer.text


async def files_of(client: AsyncClient) -> list[str]:
    page = (await client.get("/pages/sign-in")).text
    return sorted(set(re.findall(r'(?:src|href)="(/pages/assets/[^"]+)"', page)))


async def test_what_pages_load_never_changes_at_its_address(client: AsyncClient) -> None:
    files = await files_of(client)

    answers = [await client.get(address) for address in files]

    assert len(files) == 4
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}


async def test_neither_the_crest_nor_the_typeface_of_gov_uk_is_served(client: AsyncClient) -> None:
    texts = [(await client.get(address)).text for address in await files_of(client) if address.endswith(".css")]

    assert len(texts) == 2
    for text in texts:
        assert not re.search(r"GDS Transport|crest\.svg|@font-face|url\(", text)
