"""A browser is signed in by a development machine's link, for a while, and out again for good."""

import pytest
from httpx import AsyncClient
from sqlmodel import select

from service.access.browser_secrets import digest_of
from service.access.callers import Role
from service.db import Session
from service.models.browser_sessions import BrowserSession
from service.pages.authentication import SESSION
from tests.pages.conftest import SignIn
from tests.routes.callers import Clock

HAVE_PAGES = {Role.PRACTITIONER, Role.MANAGER, Role.PREMISES}


async def test_nobody_sees_a_page_before_signing_in(client: AsyncClient) -> None:
    answer = await client.get("/pages/people/X000001")

    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/sign-in")
    assert "X000001" not in answer.text


async def test_a_token_opens_no_page(client: AsyncClient, token_for: object) -> None:
    assert callable(token_for)
    headers = {"Authorization": f"Bearer {token_for('practitioner')}"}

    assert (await client.get("/pages/people", headers=headers)).status_code == 303


async def test_a_link_signs_in_and_leads_to_the_first_page(sign_in: SignIn) -> None:
    visitor = await sign_in("practitioner")

    first = await visitor.get("/pages")

    assert (first.status_code, first.headers["location"]) == (303, "/pages/people")
    assert (await visitor.get("/pages/people")).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(sign_in: SignIn) -> None:
    visitor = await sign_in("practitioner")

    cookie = next(iter(visitor.client.cookies.jar))

    assert cookie.name == SESSION
    assert cookie.path == "/pages"
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert str(cookie.get_nonstandard_attr("SameSite")).lower() == "lax"


async def test_a_row_of_the_database_opens_nothing_by_itself(sign_in: SignIn, committing: Session) -> None:
    visitor = await sign_in("practitioner", "row.test")
    secret = visitor.client.cookies[SESSION]

    rows = (await (await committing.connection()).execute(select(BrowserSession))).all()

    assert digest_of(secret) in {row.digest for row in rows}
    assert secret not in str(rows)


@pytest.mark.parametrize("role", sorted(set(Role) - HAVE_PAGES))
async def test_who_has_no_pages_is_not_signed_in(sign_in: SignIn, role: Role) -> None:
    with pytest.raises(AssertionError):
        await sign_in(role)


async def test_a_link_that_nobody_made_signs_nobody_in(client: AsyncClient) -> None:
    assert (await client.get(f"/pages/sign-in/link?key={'A' * 43}")).status_code == 401


async def test_a_link_is_good_for_eight_hours(sign_in: SignIn, clock: Clock) -> None:
    visitor = await sign_in("practitioner")
    clock.advance(hours=9)

    assert (await visitor.get("/pages/people")).status_code == 303


async def test_somebody_who_does_nothing_for_half_an_hour_is_signed_out(sign_in: SignIn, clock: Clock) -> None:
    visitor = await sign_in("practitioner")
    for _ in range(3):
        clock.advance(minutes=29)
        assert (await visitor.get("/pages/people")).status_code == 200
    clock.advance(minutes=31)

    answer = await visitor.get("/pages/people")

    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/sign-in?ended=yes")


async def test_nobody_stays_signed_in_beyond_the_whole_of_a_session(sign_in: SignIn, clock: Clock) -> None:
    visitor = await sign_in("practitioner")
    for _ in range(16):
        assert (await visitor.get("/pages/people")).status_code == 200
        clock.advance(minutes=29)
    clock.advance(minutes=17)

    assert (await visitor.get("/pages/people")).status_code == 303


async def test_after_signing_out_the_same_cookie_opens_nothing(sign_in: SignIn) -> None:
    visitor = await sign_in("practitioner")
    secret = visitor.client.cookies[SESSION]

    assert (await visitor.send("/pages/sign-out", {})).headers["location"] == "/pages/sign-in"

    visitor.client.cookies.set(SESSION, secret, path="/pages")
    assert (await visitor.get("/pages/people")).status_code == 303


async def test_what_is_sent_after_the_session_ended_is_not_saved_and_says_so(
    sign_in: SignIn, clock: Clock, crn: str
) -> None:
    visitor = await sign_in("practitioner")
    clock.advance(hours=1)

    answer = await visitor.send(f"/pages/people/{crn}/questions/wheelchair", {"answer": "true"})

    assert answer.status_code == 401
    assert "was not saved" in answer.text


async def test_somebody_who_signs_in_again_goes_on_where_they_were(sign_in: SignIn, client: AsyncClient) -> None:
    asked = await client.get("/pages/people/X000001/questions")

    assert "broker_return=/pages/people/X000001/questions" in asked.headers["set-cookie"].replace('"', "")


async def test_nobody_is_sent_elsewhere_after_signing_in(sign_in: SignIn) -> None:
    visitor = await sign_in("practitioner")
    for place in ("https://elsewhere.example", "//elsewhere.example", "/pages/../docs", "/pages/sign-in/link"):
        visitor.client.cookies.set("broker_return", place, path="/pages")
        assert (await visitor.get("/pages/sign-in")).headers["location"] == "/pages"
