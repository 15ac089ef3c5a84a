"""The interactive page of the API: it works without a network, and lets nothing in that is not from this service."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

STATIC = Path(fastapi_offline.__file__).parent / "static"
PAGE_PATH = "/docs"
START_PATH = f"{PAGE_PATH}/start.js"
# From a package that ships them, so that the lock's hashes hold for them too. The rest of what it ships stays inside.
PACKAGED = {
    f"{PAGE_PATH}/swagger-ui.css": ("swagger-ui.css", "text/css"),
    f"{PAGE_PATH}/swagger-ui-bundle.js": ("swagger-ui-bundle.js", "text/javascript"),
}
PATHS = frozenset({PAGE_PATH, START_PATH, *PACKAGED})
# Addresses are relative, so that the page also works where a proxy puts the service below a prefix.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Referral Broker API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The same description is at openapi.json.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
# `validatorUrl` would otherwise send the description's address to somebody else's validator.
START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
});
"""
# The style sheet's icons are data.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def install(app: FastAPI) -> None:
    """Serve the page and exactly the files it loads; the app must have been made without the framework's own page."""
    app.add_route(PAGE_PATH, _read_page, include_in_schema=False)
    app.add_route(START_PATH, _read_start, include_in_schema=False)
    for path in PACKAGED:
        app.add_route(path, _read_packaged, include_in_schema=False)


async def _read_page(_request: Request) -> Response:
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})


async def _read_start(_request: Request) -> Response:
    return Response(START, media_type="text/javascript")


async def _read_packaged(request: Request) -> Response:
    name, media_type = PACKAGED[request.url.path]
    return FileResponse(STATIC / name, media_type=media_type)
