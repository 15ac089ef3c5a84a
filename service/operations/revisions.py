"""Conditional requests: a change names the revision it was made from, so that nobody's work is lost unseen."""

import re
from typing import Any

from service.db import Session
from service.errors import RevisionMissing, RevisionStale
from service.store import profiles as profile_store
from service.store.profiles import StoredProfile

# One or two revisions. None has more digits, and the database could not compare one that had.
OURS = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})?")


def etag(*revisions: int) -> str:
    """Return the strong ETag of a resource at these revisions: `"7"`, or `"7-41"` for a draft over a profile."""
    return f'"{"-".join(str(revision) for revision in revisions)}"'


def named_revisions(if_match: str) -> list[tuple[int, ...]]:
    """Return the revisions an If-Match header names; one that is not ours names nothing and so cannot match."""
    tags = (tag.strip().strip('"') for tag in if_match.split(","))
    return [tuple(int(part) for part in tag.split("-")) for tag in tags if OURS.fullmatch(tag)]


def matches(if_match: str, *revisions: int) -> bool:
    """Whether a header names these revisions; a shorter tag (`"7"`) speaks of the first alone, `*` of any."""
    if if_match.strip() == "*":
        return True
    return any(tag == revisions[: len(tag)] for tag in named_revisions(if_match))


async def require_profile(session: Session, stored: StoredProfile, if_match: str | None) -> None:
    """Refuse a change to a profile made without its revision, or from an earlier one, naming what changed since."""
    if if_match is None:
        raise RevisionMissing
    if matches(if_match, stored.revision):
        return
    known = [tag[0] for tag in named_revisions(if_match) if len(tag) == 1]
    context: dict[str, Any] = {"revision": stored.revision}
    if known:
        context["changed_since"] = await profile_store.items_changed_since(session, stored.crn, max(known))
    raise RevisionStale(headers={"ETag": etag(stored.revision)}, **context)
