"""A served copy of the service with the invented people in it, and a headless Chromium to look at it with."""

import datetime
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from service.embedded_postgres import RunningCluster
from tests.browser.people import CHROMIUM, FLAGS, Desk, opened_desk
from tests.clusters import copy_of_template
from tests.contract.served import Served, served

WHY_NOT = "SKIPPED: THE BROWSER TESTS. There is no Chromium here: `apt-get install chromium` as root, then again."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say loudly where these tests cannot run."""
    mine = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in mine:
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason=WHY_NOT))
    if mine and CHROMIUM is None:
        sys.stderr.write(f"\n{WHY_NOT}\n")


@pytest.fixture(scope="session")
def service(cluster: RunningCluster, worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a running service on a database of its own."""
    log = tmp_path_factory.mktemp("browser") / "service.log"
    with copy_of_template(cluster, f"browser_{worker}") as urls, served(urls.application, log) as running:
        yield running


@pytest.fixture(scope="session")
async def desk(service: Served) -> AsyncIterator[Desk]:
    """Give the service with the invented people in it."""
    async with opened_desk(service, datetime.datetime.now(datetime.UTC).date()) as opened:
        yield opened


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Give the browser."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        await chromium.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Give a browser window of its own, at a desk."""
    opened = await browser.new_context(viewport={"width": 1200, "height": 900})
    opened.set_default_timeout(15_000)
    yield opened
    await opened.close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Give the narrowest window there need be room in, without JavaScript."""
    opened = await browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    opened.set_default_timeout(15_000)
    yield opened
    await opened.close()
