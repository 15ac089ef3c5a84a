"""The statements a request runs, as the database is sent them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from psycopg import AsyncCursor

# The statements of the test's own requests: what the service does meanwhile of itself is none of them.
_seen: ContextVar[list[str] | None] = ContextVar("seen", default=None)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Give a list that grows with each statement, by whichever road it goes: SQLAlchemy's or the driver's own."""
    seen: list[str] = []
    execute = AsyncCursor.execute

    async def noted(cursor: AsyncCursor[Any], query: Any, *arguments: Any, **named: Any) -> Any:
        if _seen.get() is seen:
            seen.append(query if isinstance(query, str) else repr(query))
        return await execute(cursor, query, *arguments, **named)

    token = _seen.set(seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AsyncCursor, "execute", noted)
        yield seen
    _seen.reset(token)
