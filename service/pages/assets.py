"""What the pages look like: the GOV.UK Design System's own files, from its package, at addresses of their content.

The crest and the GDS Transport typeface are for services on GOV.UK, and this is not one: neither is served.
"""

import hashlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from service.refusals import StartUpRefused
from service.routes.observed_requests import FOR_EVER

# Installed beside Python's packages, so that it is there wherever they are.
PACKAGE = Path(sys.prefix) / "share" / "referral-broker" / "node_modules" / "govuk-frontend" / "dist" / "govuk"
OWN = Path(__file__).with_name("static")
PREFIX = "/pages/assets"
HASH_LENGTH = 16
_FONT_FACES = re.compile(r"(/\*![^*]*?typ?e?face[^*]*\*/|/\*![^*]*font has been[^*]*\*/)?\s*@font-face\{[^}]*\}")
_FONT_NAME = "GDS Transport,"
_CREST = re.compile(r"url\([^)]*govuk-crest\.svg\)")
_SOURCE_MAP = re.compile(r"\s*(//# |/\*# )sourceMappingURL=\S+( \*/)?")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load: its address, its bytes and what they are."""

    address: str
    content: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Return the files by what pages call them; StartUpRefused where the package is not installed."""
    try:
        frontend = (PACKAGE / "govuk-frontend.min.js").read_text(encoding="utf-8")
        style = (PACKAGE / "govuk-frontend.min.css").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StartUpRefused("The pages' own package is not installed: run `make install`.") from None
    script = _asset("govuk-frontend.js", _SOURCE_MAP.sub("", frontend), "text/javascript")
    start = (OWN / "start.js").read_text(encoding="utf-8").replace("GOVUK_FRONTEND", script.address.rpartition("/")[2])
    return {
        "govuk_style": _asset("govuk-frontend.css", without_reserved_parts(style), "text/css"),
        "govuk_script": script,
        "style": _asset("pages.css", (OWN / "pages.css").read_text(encoding="utf-8"), "text/css"),
        "start": _asset("start.js", start, "text/javascript"),
        "icon": _asset("icon.svg", (OWN / "icon.svg").read_text(encoding="utf-8"), "image/svg+xml"),
    }


def without_reserved_parts(style: str) -> str:
    """Return the Design System's style without what only services on GOV.UK may show."""
    style = _FONT_FACES.sub("", style).replace(_FONT_NAME, "")
    return _SOURCE_MAP.sub("", _CREST.sub("none", style))


def _asset(name: str, text: str, media_type: str) -> Asset:
    content = text.encode()
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    return Asset(f"{PREFIX}/{stem}-{digest}.{ending}", content, media_type)


def install(app: FastAPI) -> None:
    """Serve exactly these files."""
    for asset in assets().values():
        app.add_route(asset.address, _read, include_in_schema=False)


async def _read(request: Request) -> Response:
    found = next(asset for asset in assets().values() if asset.address == request.url.path)
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": FOR_EVER})
