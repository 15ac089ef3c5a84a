"""The revision a page was made at, which its form sends back: saving from it, and past others' other changes."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

from service.errors import RevisionStale
from service.operations import revisions
from service.operations.actors import Actor
from service.pages.forms import Form


async def save_from_seen(
    form: Form, actor: Actor, touched: Collection[str], save: Callable[[Actor], Awaitable[Any]]
) -> None:
    """Save from the revision a page was made at; others' changes to other things are no obstacle.

    RevisionStale where somebody changed what is `touched` meanwhile, or nobody can say what was.
    """
    seen = form.number("revision")
    try:
        await save(replace(actor, if_match=None if seen is None else revisions.etag(seen)))
    except RevisionStale as stale:
        if set(touched) & set(stale.context.get("changed_since", touched)):
            raise
        await save(replace(actor, if_match=revisions.etag(stale.context["revision"])))


def both_seen(form: Form) -> str:
    """Return the ETag of a draft and its profile as a page showed them; RevisionStale where the form names none."""
    numbers = form.one("revision").split("-")
    if len(numbers) != 2 or not all(number.isdecimal() and len(number) <= 9 for number in numbers):
        raise RevisionStale
    return revisions.etag(*map(int, numbers))
