"""What a page's form sends: read once, and only from a form that this service made for this session."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from service.access.browser_secrets import is_form_mark
from service.errors import (
    FieldError,
    InvalidInput,
    NotPermitted,
    UnsupportedMediaType,
)
from service.settings import Settings
from service.store import idempotency

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 5000
MARK, KEY = "form_mark", "repeat_key"
NOT_OURS = "This did not come from a page of this service that you have open. Open the page again, then go on."
LONGEST_KEY = 64
LONGEST_NUMBER = 9
ID_LENGTH, ID_LETTERS = 36, frozenset("0123456789abcdef-")

Fields = Mapping[str, list[str]]


class Form(defaultdict[str, list[str]]):
    """The fields of a form, each with every value sent for it."""

    def one(self, name: str) -> str:
        """Return the last value of a field, without blanks around it; empty where none was sent."""
        values = self.get(name)
        return values[-1].strip() if values else ""

    def number(self, name: str) -> int | None:
        """Return a field's whole number; None where it is none, or longer than any of ours."""
        said = self.one(name)
        return int(said) if said.isdecimal() and len(said) <= LONGEST_NUMBER else None

    def id(self, name: str) -> str | None:
        """Return an id that a field names, fit to stand in an address; None where it is none."""
        said = self.one(name)
        return said if len(said) == ID_LENGTH and set(said) <= ID_LETTERS else None


def refuse_forged(request: Request, form: Form) -> None:
    """Refuse a form that another site's page sent, or one that does not carry this session's mark.

    Browsers say where a request comes from, which no page can change: Sec-Fetch-Site where they know it, else Origin.
    """
    settings: Settings = request.app.state.settings
    site = request.headers.get("sec-fetch-site")
    ours = site == "same-origin" if site is not None else request.headers.get("origin") == origin_of(settings)
    if not ours or not is_form_mark(request.state.browser_secret, form.one(MARK)):
        raise NotPermitted(NOT_OURS)


def origin_of(settings: Settings) -> str:
    """Return this service's origin, as browsers write it."""
    parts = urlsplit(settings.address)
    return f"{parts.scheme}://{parts.netloc}"


async def read_form(request: Request) -> Form:
    """Return what a form sends; UnsupportedMediaType, InvalidInput, or NotPermitted where it is not one of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise UnsupportedMediaType("Send a form.")
    form = Form(list)
    try:
        text = (await request.body()).decode("ascii")
        for name, value in parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS):
            form[name].append(value.replace("\r\n", "\n"))
    except ValueError:
        raise InvalidInput(errors=[FieldError("", "form", "The form cannot be read.")]) from None
    refuse_forged(request, form)
    if any("\0" in value for values in form.values() for value in values):
        raise InvalidInput(errors=[FieldError("", "characters", "Take out the control characters.")])
    return form


FormDep = Annotated[Form, Depends(read_form)]


async def claim(request: Request, form: Form) -> None:
    """Claim a form's key, so that sending it twice does what it does once; a repeat gets the first answer.

    What the form says besides does not tell two sendings apart: its key was made for one act.
    """
    key = form.one(KEY)
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii():
        raise NotPermitted(NOT_OURS)
    state, route = request.state, f"{request.method} {request.url.path}"
    state.repeatable = await idempotency.claim(state.session, state.caller, route, key, b"", state.now)
