"""How a page is made: its template, what stands on every page, and a policy that lets nothing inline or foreign in."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.access.browser_secrets import form_mark
from service.access.callers import Caller
from service.access.scopes import lets
from service.pages.assets import assets

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# What stands in the menu: where it leads, what it is called, and the operation that who is shown it may do.
MENU = (("/pages/people", "People", "list_cases"), ("/pages/board", "Board", "read_board"))
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def page(request: Request, template: str, status: int = 200, **content: Any) -> HTMLResponse:
    """Return a page; `content` is what its template needs besides what stands on every page."""
    state = request.scope["state"]
    caller: Caller | None = state.get("caller")
    standing = {
        "assets": {name: asset.address for name, asset in assets().items()},
        "caller": caller,
        "menu": menu_of(caller, request.url.path),
        "form_mark": form_mark(state["browser_secret"]) if caller is not None else "",
        "trace_id": state.get("trace_id", ""),
        "errors": {},
    }
    text = _TEMPLATES.get_template(f"{template}.html.jinja").render(standing | content)
    return HTMLResponse(text, status, headers={"Content-Security-Policy": POLICY})


def menu_of(caller: Caller | None, path: str) -> list[dict[str, Any]]:
    """Return the menu of who may see something of it; where they are is marked."""
    if caller is None:
        return []
    shown = [(address, words) for address, words, operation in MENU if lets(operation, caller)]
    return [{"address": address, "words": words, "is_here": path.startswith(address)} for address, words in shown]
