"""A request sent to the app as a server hands it on: a client would tidy it first."""

from urllib.parse import unquote_to_bytes

from fastapi import FastAPI
from httpx import Response
from starlette.types import Message, Scope

Headers = list[tuple[bytes, bytes]]


async def send_as_it_is(app: FastAPI, method: str, target: bytes, headers: Headers) -> Response:
    """Send a request without a body and return the answer."""
    path, _, query = target.partition(b"?")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "server": ("broker", 80),
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "headers": [(name.lower(), value) for name, value in headers],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in sent)
    return Response(sent[0]["status"], headers=sent[0]["headers"], content=content)
