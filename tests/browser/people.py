"""Somebody at a screen, the people they work with, and a look for what keeps others from using a page."""

import datetime
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import httpx
from playwright.async_api import BrowserContext, Page, expect

from service.access.callers import Role
from service.access.tokens import Bearer
from service.commands.development import sign_in_links
from service.demonstration.figures import Figures
from service.demonstration.people import DemonstrationCase, read_cases, read_list
from service.demonstration.playing import Cast, Played, amend, answer_everything, generate, open_case
from service.demonstration.playing import expect as expect_no_problem
from service.demonstration.workers import WORKERS
from service.pages.assets import PACKAGE
from tests.contract.served import Served

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
PEOPLE = ("X100001", "X100003")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
AXE = (PACKAGE.parents[2] / "axe-core" / "axe.min.js").read_text(encoding="utf-8") if CHROMIUM else ""
RUN_AXE = """axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify(
    found.violations.map(one => [one.id, one.nodes.map(node => node.html)])))"""


@dataclass(frozen=True, slots=True)
class Desk:
    """The service that people look at, and what is in it."""

    served: Served
    cases: Mapping[str, DemonstrationCase]
    cast: Cast

    async def link(self, role: Role, worker: str | None = None) -> str:
        """Return an address that signs in as a role's invented worker."""
        bearer = WORKERS[role] if worker is None else Bearer(worker, role)
        (link,) = await sign_in_links(self.served.settings, [bearer])
        return link

    async def ready_referral(self, crn: str, pack: str) -> str:
        """Return a referral of an invented person, everything in it answered."""
        case = self.cases[crn]
        wanted = tuple(one for one in (*case.wanted, *case.move_on) if one.pack == pack)
        only = replace(case, wanted=wanted)
        played = Played(crn, {}, Figures(case.title))
        await generate(self.cast, only, played)
        await answer_everything(self.cast, only, played)
        return next(iter(played.referrals.values()))


@asynccontextmanager
async def opened_desk(served: Served, today: datetime.date) -> AsyncIterator[Desk]:
    """Give a service with two of the invented people in it, and everybody whom they can be referred to."""
    roles = (Role.PRACTITIONER, Role.RECORD_SYSTEM, Role.MANAGER, Role.ADMINISTRATOR)
    tokens = await served.tokens({str(role): WORKERS[role] for role in roles})
    async with AsyncExitStack() as open_clients:
        practitioner, record_system, manager, administrator = [
            await open_clients.enter_async_context(served.client(tokens[str(role)])) for role in roles
        ]
        cast = Cast(practitioner, record_system, manager)
        for kind in ("workers", "recipients", "premises"):
            for entry in read_list(kind):
                body = {name: value for name, value in entry.items() if name != "id"}
                expect_no_problem(await administrator.put(f"/v1/{kind}/{entry['id']}", json=body))
        cases = {case.crn: case for case in read_cases(today) if case.crn in PEOPLE}
        for crn, case in cases.items():
            await open_case(cast, case, crn)
            await amend(practitioner, crn, {item: {"value": value} for item, value in case.known.items()})
            await _place(manager, case)
        yield Desk(served, cases, cast)


async def _place(manager: httpx.AsyncClient, case: DemonstrationCase) -> None:
    """Have somebody live at their premises, or be expected there."""
    said = dict(case.stay or {})
    arrived_on = said.pop("arrived_on", None)
    stay = expect_no_problem(await manager.post("/v1/placements", json=said | {"crn": case.crn}))
    if arrived_on is not None:
        body = {"arrived_on": arrived_on}
        expect_no_problem(await manager.post(f"/v1/placements/{stay['id']}/arrival", json=body))


async def sign_in(context: BrowserContext, desk: Desk, role: Role = Role.PRACTITIONER) -> Page:
    """Return a page of somebody who has just signed in."""
    page = await context.new_page()
    await page.goto(await desk.link(role))
    return page


async def look_over(page: Page) -> None:
    """Fail where axe finds something that keeps people from using the page, or it is wider than its window."""
    session = await page.context.new_cdp_session(page)
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    # A world of its own: the page's policy lets in no script but the service's.
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
    within = {"contextId": world["executionContextId"]}
    await session.send("Runtime.evaluate", {"expression": AXE, **within})
    asked = {"expression": RUN_AXE, "awaitPromise": True, "returnByValue": True, **within}
    found = await session.send("Runtime.evaluate", asked)
    await session.detach()
    assert json.loads(found["result"]["value"]) == [], page.url
    size = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert size[0] <= size[1], f"{page.url} is {size[0]} wide"


async def shows(page: Page, words: str) -> None:
    """Wait until the page's heading says something."""
    await expect(page.get_by_role("heading", level=1)).to_contain_text(words)
