"""How the service says that it is well."""

from typing import Literal

from pydantic import BaseModel


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Ready(BaseModel):
    """The process can do its work."""

    status: Literal["ready"]
