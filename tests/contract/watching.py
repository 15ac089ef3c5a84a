"""The statements a request runs, as the database is sent them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from psycopg import AsyncCursor

# Background work has a context of its own: what it runs meanwhile is not the request's.
_SEEN: ContextVar[list[str] | None] = ContextVar("seen", default=None)
# Asked once a minute, whoever happens to call then.
EVERY_MINUTE = "FROM signing_key"


@contextmanager
def watched() -> Iterator[list[str]]:
    """Give a list that grows with each statement, by whichever road it goes: SQLAlchemy's or the driver's own."""
    seen: list[str] = []
    execute = AsyncCursor.execute

    async def noted(cursor: AsyncCursor[Any], query: Any, *arguments: Any, **named: Any) -> Any:
        statement = query if isinstance(query, str) else repr(query)
        noting = _SEEN.get()
        if noting is not None and EVERY_MINUTE not in statement:
            noting.append(statement)
        return await execute(cursor, query, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AsyncCursor, "execute", noted)
        token = _SEEN.set(seen)
        yield seen
        _SEEN.reset(token)
