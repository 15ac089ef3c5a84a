"""Reads a caller may already hold: an ETag on every answer, 304 where it is theirs (and still on the record)."""

from collections.abc import Callable

from fastapi import Response

from service.operations import revisions


def json_unless_held(held: str | None, revision: tuple[int, ...], body: Callable[[], bytes]) -> Response:
    """Return the JSON of a resource at a revision, or 304 when `If-None-Match` names just that revision."""
    headers = {"ETag": revisions.etag(*revision)}
    if held is not None and revision in revisions.named_revisions(held):
        return Response(status_code=304, headers=headers)
    return Response(body(), media_type="application/json", headers=headers)
