"""The statements a request runs, as the database is sent them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import AsyncCursor


@contextmanager
def watched() -> Iterator[list[str]]:
    """Give a list that grows with each statement, by whichever road it goes: SQLAlchemy's or the driver's own."""
    seen: list[str] = []
    execute = AsyncCursor.execute

    async def noted(cursor: AsyncCursor[Any], query: Any, *arguments: Any, **named: Any) -> Any:
        seen.append(query if isinstance(query, str) else repr(query))
        return await execute(cursor, query, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AsyncCursor, "execute", noted)
        yield seen
