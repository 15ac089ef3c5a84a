"""Answering what is still to be asked, in a real browser: without JavaScript too, by keyboard, two people at once."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from service.access.callers import Role
from tests.browser.people import Desk, look_over, shows, sign_in

FIRST, SECOND, THIRD = "X100001", "X100003", "X100001"
ITEM, OTHER = "nicknames", "aliases"
CONTINUE = re.compile("Continue|Save mine")
SAVED = re.compile("/questions$|questions/[a-z_]+\\?")
pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("browser")]


async def press_continue(page: Page) -> None:
    await page.get_by_role("button", name=CONTINUE).click()


async def ask(page: Page, desk: Desk, crn: str, item: str) -> None:
    await page.goto(f"{desk.served.address}/pages/people/{crn}/questions/{item}")


async def held(desk: Desk, crn: str, item: str) -> object:
    profile = (await desk.cast.practitioner.get(f"/v1/cases/{crn}/profile")).json()
    return profile["answers"].get(item, {}).get("value")


async def test_somebody_makes_referrals_and_answers_what_they_lack(desk: Desk, context: BrowserContext) -> None:
    page = await sign_in(context, desk)
    await shows(page, "Your people")
    await look_over(page)
    await page.goto(f"{desk.served.address}/pages/people/{FIRST}")
    await look_over(page)
    await page.get_by_role("link", name="Make referrals").click()
    await look_over(page)
    await page.get_by_role("button", name="Make them").click()
    await shows(page, "Which referrals")
    await expect(page.get_by_role("alert")).to_contain_text("Choose at least one form.")
    await look_over(page)
    await page.get_by_label("CAS3 accommodation").check()
    await page.get_by_role("button", name="Make them").click()
    await shows(page, "Still to be asked")
    await look_over(page)
    await page.get_by_role("button", name="Answer them one by one").click()
    first = page.url
    await press_continue(page)
    await expect(page.get_by_role("alert")).to_contain_text("Answer the question.")
    await look_over(page)
    await page.get_by_role("link", name="Leave this for later").click()
    assert page.url.partition("?")[0] != first.partition("?")[0]


async def test_answers_are_saved_without_javascript_on_a_narrow_screen(desk: Desk, phone: BrowserContext) -> None:
    page = await sign_in(phone, desk)
    await ask(page, desk, SECOND, ITEM)
    await page.get_by_role("button", name="Add another").click()
    await page.locator("#answer-0").fill("Spike")
    await page.get_by_role("button", name="Add another").click()
    await page.locator("#answer-1").fill("Sparky")
    await press_continue(page)
    await expect(page).to_have_url(SAVED)

    assert await held(desk, SECOND, ITEM) == ["Spike", "Sparky"]


async def test_a_question_is_answered_with_the_keyboard_alone(desk: Desk, context: BrowserContext) -> None:
    page = await sign_in(context, desk)
    await ask(page, desk, SECOND, "preferred_language")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator("#answer-language").fill("")
    await page.keyboard.type("Welsh")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(SAVED)

    assert await held(desk, SECOND, "preferred_language") == {"language": "Welsh", "interpreter_needed": True}


async def test_two_people_who_answer_different_questions_at_once_are_not_bothered(
    desk: Desk, browser: Browser, context: BrowserContext
) -> None:
    other = await browser.new_context()
    one, two = await sign_in(context, desk), await sign_in(other, desk, Role.MANAGER)
    await ask(one, desk, THIRD, ITEM)
    await ask(two, desk, THIRD, OTHER)
    for page, name in ((one, "Spike"), (two, "Ann Other")):
        await page.locator("#answer-0").fill(name)
    await press_continue(one)
    await press_continue(two)
    await expect(two).to_have_url(SAVED)

    assert (await held(desk, THIRD, ITEM), await held(desk, THIRD, OTHER)) == (["Spike"], ["Ann Other"])
    await other.close()


async def test_the_second_of_two_who_answer_the_same_question_sees_both_answers(
    desk: Desk, browser: Browser, context: BrowserContext
) -> None:
    other = await browser.new_context()
    one, two = await sign_in(context, desk), await sign_in(other, desk, Role.MANAGER)
    item = "vehicles_and_online_identities"
    for page in (one, two):
        await ask(page, desk, THIRD, item)
    await one.locator("#answer-0").fill("A red car")
    await two.locator("#answer-0").fill("A blue car")
    await press_continue(one)
    await press_continue(two)

    both = two.get_by_role("alert")
    await expect(both).to_contain_text("A red car")
    await expect(two.locator("#answer-0")).to_have_value("A blue car")
    await look_over(two)
    await press_continue(two)
    await expect(two).to_have_url(SAVED)
    assert await held(desk, THIRD, item) == ["A blue car"]
    await other.close()


@pytest.mark.parametrize("how", ["back", "reload"])
async def test_going_back_or_loading_again_saves_nothing_twice(desk: Desk, context: BrowserContext, how: str) -> None:
    page = await sign_in(context, desk)
    await ask(page, desk, SECOND, "nationality")
    await page.locator("#answer-0").fill("British")
    await press_continue(page)
    await expect(page).to_have_url(SAVED)
    before = (await desk.cast.practitioner.get(f"/v1/cases/{SECOND}/profile")).json()["revision"]

    await (page.go_back() if how == "back" else page.reload())

    assert (await desk.cast.practitioner.get(f"/v1/cases/{SECOND}/profile")).json()["revision"] == before
    if how == "back":
        await expect(page.locator("#answer-0")).to_have_value("British")
