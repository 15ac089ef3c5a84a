"""The kinds of text callers send: free words, the references that people and places go by; and a whole number."""

from typing import Annotated, Any, TypeVar, cast

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

# PostgreSQL cannot hold a NUL, and words that are only spaces say nothing.
_SAYS_SOMETHING = r"^[^\x00]*[^\s\x00][^\x00]*$"

Words = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=_SAYS_SOMETHING)]
LongWords = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=_SAYS_SOMETHING)]
ShortWords = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_SAYS_SOMETHING)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
# An item, a question, a pack, or a warning that somebody goes on past.
CatalogueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
PackVersion = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,20}$")]
PlaceName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _&,.'-]{0,59}$"),
    Field(description="A region, area or team, like north_west or London."),
]
CaseNumber = Annotated[
    str, StringConstraints(pattern=r"^[A-Z][0-9]{6}$"), Field(description="The case reference number, like X123456.")
]
PrisonNumber = Annotated[
    str, StringConstraints(pattern=r"^[A-Z][0-9]{4}[A-Z]{2}$"), Field(description="The prison number, like A1234BC.")
]
# Whatever a token's subject may be, an auditor must be able to ask for.
WorkerId = Annotated[
    str,
    StringConstraints(max_length=120, pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"),
    Field(description="A worker as their token names them (its subject)."),
]


def _refuse_null(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("broker_null", "Give a value here, or leave it out.")
    return value


def _without_null(schema: JsonDict) -> None:
    choices = cast("list[JsonDict]", schema.pop("anyOf"))
    schema.update(choices[0])
    schema.pop("default", None)


def _only_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("broker_instant", "Enter a time as YYYY-MM-DDThh:mm:ssZ.")
    return value


def _as_whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has one kind of number: 12.0 is as whole as 12. A text is not a number.
# Stands after `Field(strict=True, …)`, whose limits are then still said in the description.
Whole = BeforeValidator(_as_whole)
# A number would be read as seconds since 1970.
Instant = Annotated[AwareDatetime, BeforeValidator(_only_text)]
T = TypeVar("T")
# Something said of any number of items, questions or warnings, each by its name.
ByName = Annotated[dict[CatalogueName, T], Field(json_schema_extra={"additionalProperties": False})]
# Something a caller may leave out, but not send as null: the description says exactly what is taken.
LeftOut = Annotated[T | None, BeforeValidator(_refuse_null), Field(json_schema_extra=_without_null)]
