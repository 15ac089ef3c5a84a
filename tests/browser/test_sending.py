"""Checking a referral and sending it in a real browser, and what happens when the session has ended."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.people import Desk, look_over, shows, sign_in

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("browser")]
CRN, PACK = "X100003", "commissioned_services"


async def test_a_referral_is_checked_and_sent_once(desk: Desk, context: BrowserContext) -> None:
    referral = await desk.ready_referral(CRN, PACK)
    page = await sign_in(context, desk)
    await page.goto(f"{desk.served.address}/pages/referrals/{referral}")
    await shows(page, "Check the Commissioned services referral")
    await look_over(page)
    send = page.get_by_role("button", name="Send the referral")
    for reason in await page.locator("textarea[name^=reason-]").all():
        await reason.fill("Asked for on Monday, and the place will not wait.")
    await send.dblclick()
    await page.wait_for_load_state()
    if await page.get_by_role("alert").count():  # what is known to be in the way only once it is sent
        for reason in await page.locator("textarea[name^=reason-]").all():
            await reason.fill("Asked for on Monday, and the place will not wait.")
        await page.get_by_role("button", name="Send the referral").dblclick()

    await shows(page, "Referral sent")
    await look_over(page)
    await page.reload()
    await shows(page, "Referral sent")
    await page.go_back()
    await page.go_forward()
    sent = (await desk.cast.practitioner.get(f"/v1/referrals/{referral}")).json()
    assert (sent["status"], sent["version"]) == ("submitted", 1)
    await page.goto(f"{desk.served.address}/pages/people/{CRN}")
    await expect(page.get_by_role("main")).to_contain_text("Submitted")


async def test_a_page_prints_without_what_can_only_be_pressed(desk: Desk, context: BrowserContext) -> None:
    page = await sign_in(context, desk)
    await page.goto(f"{desk.served.address}/pages/people/{CRN}")

    await page.emulate_media(media="print")

    await expect(page.get_by_role("button", name=re.compile("Sign out"))).to_be_hidden()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def test_after_signing_out_the_back_button_shows_nobody(desk: Desk, context: BrowserContext) -> None:
    page = await sign_in(context, desk)
    await page.goto(f"{desk.served.address}/pages/people/{CRN}")
    await page.get_by_role("button", name=re.compile("Sign out")).click()
    await shows(page, "Sign in")
    await look_over(page)

    await page.go_back()

    await shows(page, "Sign in")


async def test_what_is_sent_after_the_session_ended_is_not_saved_and_says_so(
    desk: Desk, context: BrowserContext
) -> None:
    page = await sign_in(context, desk)
    await page.goto(f"{desk.served.address}/pages/people/{CRN}/questions/nicknames")
    await context.clear_cookies(name="broker_session")
    before = (await desk.cast.practitioner.get(f"/v1/cases/{CRN}/profile")).json()["revision"]

    await page.locator("#answer-0").fill("Nobody")
    await page.get_by_role("button", name="Continue").click()

    await shows(page, "Sign in")
    assert (await desk.cast.practitioner.get(f"/v1/cases/{CRN}/profile")).json()["revision"] == before


async def test_pages_that_refuse_can_be_read_by_everybody(desk: Desk, context: BrowserContext) -> None:
    page = await sign_in(context, desk)
    for path in ("/pages/people/X999999", "/pages/nothing"):
        await page.goto(f"{desk.served.address}{path}")
        await shows(page, "Page not found")
        await look_over(page)
