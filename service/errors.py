"""Everything the service refuses, as RFC 9457 problems; the one tree of them.

Problem
├── Unauthenticated 401
├── NotFound 404 (absent and not visible are the same answer)
├── NotPermitted 403
├── InvalidInput 422          errors[] points at each field
├── IdempotencyKeyReused 422
├── PayloadTooLarge 413 · HeadersTooLarge 431 · TooManyRequests 429
├── Conflict 409              each of its own in `conflicts.py`
├── RevisionStale 412
├── RevisionMissing 428
└── Unavailable 503

The class fixes status and code, which clients may match on; an instance adds words and facts, never a person's data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with what was sent: where (an RFC 6901 pointer), which rule, and why in plain English."""

    pointer: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """Return the error as the API writes it."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class Problem(Exception):
    """A refusal a caller is told about."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.context = context

    def as_json(self) -> dict[str, Any]:
        """Return the RFC 9457 body."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        return body | self.context


class Unauthenticated(Problem):
    """Nobody we know is calling."""

    status, code, title = 401, "unauthenticated", "Authentication is required"


class NotPermitted(Problem):
    """The caller can see it and may not do this to it."""

    status, code, title = 403, "not-permitted", "You may not do this"


class NotFound(Problem):
    """Absent, or not this caller's to see: the same answer."""

    status, code, title = 404, "not-found", "There is nothing here that you can see"


class MethodNotAllowed(Problem):
    """The path exists, the method on it does not."""

    status, code, title = 405, "method-not-allowed", "This method is not allowed here"


class NotAcceptable(Problem):
    """Nothing we can make is among what the caller accepts."""

    status, code, title = 406, "not-acceptable", "None of the accepted formats can be made"


class Conflict(Problem):
    """What was asked does not fit the state things are in."""

    status, code, title = 409, "conflict", "This cannot be done in the present state"


class RevisionStale(Problem):
    """Somebody changed it since the caller read it."""

    status, code, title = 412, "revision-stale", "It has changed since you read it"


class FeedCursorGone(Problem):
    """The cursor is not this organisation's, or is older than what is kept of the feed."""

    status, code, title = 410, "feed-cursor-gone", "Begin again: ask without `after`, then read your referrals"


class PayloadTooLarge(Problem):
    """The body is larger than any request needs to be."""

    status, code, title = 413, "payload-too-large", "The request body is too large"


class HeadersTooLarge(Problem):
    """The request has more headers, or longer ones, than any request needs."""

    status, code, title = 431, "headers-too-large", "The request's headers are too large"


class UnsupportedMediaType(Problem):
    """The body is not in a format we read."""

    status, code, title = 415, "unsupported-media-type", "Send application/json"


class InvalidInput(Problem):
    """Something sent has the wrong shape or value; `errors` names each field."""

    status, code, title = 422, "invalid-input", "Some of what was sent is not valid"


class IdempotencyKeyReused(Problem):
    """The key was used with a different request."""

    status, code, title = 422, "idempotency-key-reused", "This Idempotency-Key belongs to a different request"


class RevisionMissing(Problem):
    """A change needs `If-Match`, so that nobody's work is overwritten unseen."""

    status, code, title = 428, "revision-missing", "Send If-Match with the revision you read"


class TooManyRequests(Problem):
    """The caller should slow down."""

    status, code, title = 429, "too-many-requests", "Too many requests"


class Unavailable(Problem):
    """A part the answer depends on cannot be reached; nothing was changed."""

    status, code, title = 503, "unavailable", "The service cannot answer just now"


class CatalogueInvalid(Exception):
    """The catalogue's files contradict themselves; each line names file, line and key."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)
