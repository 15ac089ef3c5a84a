"""Somebody who looks at pages: keeps cookies, fills in the form on a page, and sends it as its page would."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

from httpx import AsyncClient, Response

from service.access.browser_secrets import form_mark
from service.pages.authentication import SESSION

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in browser without JavaScript."""

    client: AsyncClient

    async def get(self, address: str) -> Response:
        """Look at a page."""
        return await self.client.get(address)

    async def send(
        self, address: str, fields: Mapping[str, str | Sequence[str]], headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send fields to an address, marked as this session's."""
        origin = {"Sec-Fetch-Site": "same-origin"} if headers is None else dict(headers)
        marked = {"form_mark": form_mark(self.client.cookies.get(SESSION) or "")} | dict(fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.client.post(address, content=urlencode(marked, doseq=True), headers=kind | origin)

    async def fill(self, page: Response, address: str, **fields: str | Sequence[str]) -> Response:
        """Send what a page's own form would, with these fields filled in."""
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
        return await self.send(address, hidden | fields)
