"""Staff of approved premises in a real browser: read the board, take a referral over, answer, send, see it change."""

import re

import pytest
from playwright.async_api import BrowserContext, expect

from service.access.callers import Role
from tests.browser.people import Desk, look_over, shows, sign_in

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("browser")]
CRN, PACK, NAME = "X100003", "duty_to_refer", "Caleb Invented"


async def test_staff_take_a_referral_over_answer_it_send_it_and_see_the_board_change(
    desk: Desk, context: BrowserContext
) -> None:
    referral = await desk.ready_referral(CRN, PACK)
    page = await sign_in(context, desk, Role.PREMISES)
    await shows(page, "Who leaves when")
    await look_over(page)
    card = page.get_by_role("listitem").filter(has_text=NAME).first
    await expect(card).to_contain_text("draft")
    await page.get_by_role("link", name=NAME).click()
    await shows(page, NAME)
    await look_over(page)
    await page.get_by_role("button", name=re.compile("Take it over")).first.click()
    await shows(page, "referral")
    await look_over(page)
    await page.get_by_role("link", name=re.compile("Change.*elephone")).first.click()
    await look_over(page)
    await page.locator("#answer").fill("01632 960002")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("main")).to_contain_text("01632 960002")
    await page.get_by_role("button", name="Send the referral").click()
    await page.wait_for_load_state()
    for reason in await page.locator("textarea[name^=reason-]").all():
        await reason.fill("The council asked for it now.")
    if await page.locator("textarea[name^=reason-]").count():
        await page.get_by_role("button", name="Send the referral").dblclick()

    await shows(page, "Who leaves when")
    await expect(page.get_by_role("listitem").filter(has_text=NAME).first).to_contain_text("submitted")
    sent = (await desk.cast.practitioner.get(f"/v1/referrals/{referral}")).json()
    assert (sent["status"], sent["version"]) == ("submitted", 1)


async def test_the_board_and_a_resident_are_read_on_the_narrowest_screen_without_javascript(
    desk: Desk, phone: BrowserContext
) -> None:
    page = await sign_in(phone, desk, Role.PREMISES)
    await page.get_by_role("link", name=NAME).click()

    await shows(page, NAME)
    await expect(page.locator("svg")).to_be_visible()
    size = await page.locator("svg").bounding_box()
    assert size is not None
    assert size["width"] <= 320
