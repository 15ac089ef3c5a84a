"""What every table shares: predictable constraint names, and a repr that never prints a person's data."""

from typing import Any, ClassVar

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSONB(none_as_null=True)


class Table(SQLModel):
    """A row: its repr shows the table and its key, nothing else, since reprs end up in logs and tracebacks."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("id",)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in self.shown_in_repr)
        return f"{type(self).__name__}({shown})"

    def __str__(self) -> str:
        return repr(self)

    def __repr_args__(self) -> Any:
        return [(name, getattr(self, name, None)) for name in self.shown_in_repr]
