"""The service with a few operations more, made to fail, be refused or be sent nonsense, as no real one should be."""

import datetime
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Header, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import StreamingResponse

from service.app import create_app
from service.routes.transactions import TransactionalRoute

SECRET = "Smith of Acacia Avenue"


def _quotes_what_was_sent(text: str) -> str:
    message = f"{text} is not allowed"
    raise ValueError(message)


def _has_its_own_words(text: str) -> str:
    if text == "too early":
        raise PydanticCustomError("broker_too_early", "It is too early.")
    return text


class Part(BaseModel):
    """A part of what is sent."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=5)
    kind: Literal["a", "b"] = "a"


class Cat(BaseModel):
    """One of two kinds."""

    kind: Literal["cat"]
    lives: int = Field(ge=1, le=9)


class Dog(BaseModel):
    """The other."""

    kind: Literal["dog"]
    bark: str


class Sent(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[str, Part] = Field(default_factory=dict)
    parts: list[Part] = Field(default_factory=list, max_length=3)
    on: datetime.date | None = None
    at: datetime.datetime | None = None
    count: int | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    either: int | list[Part] | None = None
    quoted: Annotated[str, AfterValidator(_quotes_what_was_sent)] | None = None
    own: Annotated[str, AfterValidator(_has_its_own_words)] | None = None


unlisted = APIRouter(route_class=TransactionalRoute, prefix="/v1")
probes = APIRouter(prefix="/v1/probes")


@unlisted.get("/unlisted")
async def an_operation_of_tomorrow() -> dict[str, str]:
    """Stands in no permission table."""
    return {"said": SECRET}


@unlisted.get("/unlisted/{crn}")
async def an_operation_about_a_person(crn: str) -> dict[str, str]:
    """Stands in no permission table, and has forgotten its guard."""
    return {"said": crn}


@probes.post("/sent")
async def read_sent(
    sent: Sent,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    held: Annotated[int | None, Header(alias="If-Match")] = None,
) -> Any:
    """Take anything that is valid."""
    return {"limit": limit, "held": held, "sent": sent.model_dump(exclude_unset=True, mode="json")}


@probes.get("/cases/{crn}/{number}")
async def read_path(crn: Annotated[str, Path(pattern="^[A-Z][0-9]{6}$")], number: uuid.UUID) -> Any:
    """Take a case and a number."""
    return [crn, number]


@probes.put("/cases/{crn}/{number}")
async def write_path(crn: str, number: str) -> Any:
    """Stand on the same path with another method."""
    return [crn, number]


@probes.get("/broken")
async def break_down() -> None:
    """Fail, with a person's data in the failure."""
    raise RuntimeError(SECRET)


@probes.get("/promised")
async def break_a_promise() -> Part:
    """Answer what was not promised."""
    return {"name": SECRET}  # type: ignore[return-value]


@probes.get("/half")
async def break_half_way() -> StreamingResponse:
    """Fail when the answer has begun."""

    async def body() -> Any:
        yield b"beginning"
        raise RuntimeError(SECRET)

    return StreamingResponse(body())


def app_with_probes(app: FastAPI) -> FastAPI:
    """Return another app on the same database, issuer and clock, with the probes."""
    probed = create_app(app.state.settings, app.state.clock)
    probed.state.sessions, probed.state.issuer = app.state.sessions, app.state.issuer
    probed.include_router(unlisted)
    probed.include_router(probes)
    return probed
