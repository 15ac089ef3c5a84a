"""What values an item can hold: read from its definition, checked on the way in, published as JSON Schema.

Values are plain JSON: dates are ISO text, choices are codes, so that they can be stored, hashed and handed to
conditions as they are. Pydantic does the checking; the reasons are ours, because its own repeat the input back.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticCustomError

from service.errors import FieldError

FORMATS: dict[str, tuple[str, str]] = {
    "email": (r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "Enter an email address, like name@example.org."),
    "email_gov_uk": (r"^[^@\s]+@([^@\s]+\.)?gov\.uk$", "Enter an email address that ends in .gov.uk."),
    "phone": (r"^\+?[0-9 ()-]{3,20}$", "Enter a phone number: digits and spaces, perhaps a leading +."),
    "postcode_area": (r"^[A-Z]{1,2}[0-9][0-9A-Z]?$", "Enter the first half of a postcode, like B4 or SW1A."),
    "crn": (r"^[A-Z][0-9]{6}$", "Enter a CRN: one capital letter and six digits."),
    "noms_number": (r"^[A-Z][0-9]{4}[A-Z]{2}$", "Enter a prison number, like A1234BC."),
}

# Control characters other than tab and newline: nobody means them, and they break documents and logs.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

REASONS: dict[str, str] = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "literal_error": "Choose one of the options.",
    "string_type": "Enter text.",
    "bool_type": "Answer true or false.",
    "bool_parsing": "Answer true or false.",
    "int_type": "Enter a whole number.",
    "int_from_float": "Enter a whole number.",
    "list_type": "Enter a list.",
    "dict_type": "Enter an object.",
    "model_type": "Enter an object.",
    "model_attributes_type": "Enter an object.",
    "string_too_short": "Enter something.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "too_short": "Choose or enter at least {min_length}.",
    "too_long": "At most {max_length} are allowed.",
    "greater_than_equal": "Enter {ge} or more.",
    "less_than_equal": "Enter {le} or less.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A type of value: its definition as written, and the adapter that checks and publishes it."""

    kind: str
    adapter: TypeAdapter[Any]
    options: dict[str, str] = field(default_factory=dict)
    fields: dict[str, "Value"] = field(default_factory=dict)
    of: "Value | None" = None
    label: str = ""
    max_length: int | None = None
    definition: Mapping[str, Any] = field(default_factory=dict)

    @property
    def textual(self) -> bool:
        """Whether it is free text, which can be reworded and measured for length."""
        return self.kind in ("text", "string")

    @property
    def is_list_of_kinds(self) -> bool:
        """Whether it is a list of objects each of which says of what kind it is."""
        return self.of is not None and "kind" in self.of.fields

    @property
    def empty(self) -> Any:
        """What a condition reads when the question is not asked here: an empty list, false, or null."""
        return {"choices": [], "list": [], "boolean": False, "choice_by": {}}.get(self.kind)

    def normalised(self, value: Any) -> Any:
        """Return a valid value as it is kept: a duration with all four of its parts."""
        if self.kind == "duration":
            return {part: value.get(part, 0) for part in ("years", "months", "weeks", "days")}
        if self.kind == "object":
            return {name: self.fields[name].normalised(part) for name, part in value.items()}
        if self.kind == "list" and self.of is not None:
            return [self.of.normalised(row) for row in value]
        return value

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (2020-12) of the values accepted."""
        return _schema_of(self)

    def faults(self, value: object, pointer: str) -> list[FieldError]:
        """Return what is wrong with a value, each fault pointing below `pointer`; empty when it can be held."""
        try:
            self.adapter.validate_python(value, strict=True)
        except ValidationError as error:
            return [_fault(fault, pointer) for fault in error.errors(include_url=False, include_input=False)]
        return []


@cache
def _schema_of(value: Value) -> dict[str, Any]:
    return value.adapter.json_schema()


def _fault(fault: Any, pointer: str) -> FieldError:
    place = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in fault["loc"])
    kind = str(fault["type"])
    context = fault.get("ctx", {})
    reason = REASONS.get(kind) or (str(fault["msg"]) if kind.startswith("broker_") else "This value is not valid.")
    return FieldError(pointer + place, kind.removeprefix("broker_").replace("_", "-"), reason.format(**context))


def _refuse(code: str, reason: str) -> PydanticCustomError:
    return PydanticCustomError(f"broker_{code}", reason)


def _iso_date(text: str) -> str:
    try:
        canonical = datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        canonical = ""
    if canonical != text:
        raise _refuse("date", "Enter a real date as YYYY-MM-DD.")
    return text


def _clean(text: str) -> str:
    if CONTROL.search(text) or any("\ud800" <= character <= "\udfff" for character in text):
        raise _refuse("characters", "Take out the control characters.")
    if not text.strip():
        raise _refuse("blank", "Enter something.")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise _refuse("one_line", "Keep this to one line.")
    return _clean(text)


def _matching(name: str) -> Callable[[str], str]:
    pattern, reason = FORMATS[name]

    def check(text: str) -> str:
        if not re.match(pattern, text):
            raise _refuse("format", reason)
        return text

    return check


def _distinct(exclusive: frozenset[str]) -> Callable[[list[str]], list[str]]:
    def check(codes: list[str]) -> list[str]:
        if len(set(codes)) != len(codes):
            raise _refuse("repeated", "Choose each option once.")
        if len(codes) > 1 and exclusive & set(codes):
            raise _refuse("exclusive", "That option cannot be chosen with others.")
        return codes

    return check


def _some_length(parts: Any) -> Any:
    if not any((parts.years, parts.months, parts.weeks, parts.days)):
        raise _refuse("duration", "Enter at least one of years, months, weeks and days.")
    return parts


# A prefix of every model name below: JSON Schema titles are of no use to a caller, so they are short.
_STRICT = ConfigDict(extra="forbid", title=" ")
_PART = Annotated[int, Field(ge=0, le=999)]
_DURATION = create_model(
    "Duration", __config__=_STRICT, years=(_PART, 0), months=(_PART, 0), weeks=(_PART, 0), days=(_PART, 0)
)


def _text(definition: Mapping[str, Any]) -> Any:
    check = _clean if definition["type"] == "text" else _one_line
    limit = definition.get("max_length", 10_000 if definition["type"] == "text" else 200)
    annotated: Any = Annotated[str, StringConstraints(min_length=1, max_length=limit), AfterValidator(check)]
    if "format" in definition:
        annotated = Annotated[annotated, AfterValidator(_matching(definition["format"]))]
    return annotated


def _choices(definition: Mapping[str, Any]) -> Any:
    codes: Any = Literal[tuple(definition["options"])]
    minimum = Field(min_length=definition.get("minimum", 1))
    return Annotated[list[codes], minimum, AfterValidator(_distinct(frozenset(definition.get("exclusive", ()))))]


def _object(fields: Mapping[str, "Value"], definitions: Mapping[str, Any]) -> Any:
    members: dict[str, Any] = {
        name: (annotation(definitions[name]), ... if definitions[name].get("required", True) else None)
        for name in fields
    }
    optional = {name for name in members if members[name][1] is None}
    for name in optional:
        members[name] = (members[name][0], Field(default=None, validate_default=False))
    return create_model("Row", __config__=_STRICT, **members)


def annotation(definition: Mapping[str, Any]) -> Any:
    """Return the annotated Python type that checks values of this definition; KeyError for an unknown type."""
    kind = definition["type"]
    if kind in ("text", "string"):
        return _text(definition)
    if kind == "choices":
        return _choices(definition)
    if kind == "list":
        bounds = Field(min_length=definition.get("minimum", 0), max_length=definition.get("maximum", 200))
        return Annotated[list[annotation(definition["of"])], bounds]  # type: ignore[misc]
    if kind == "object":
        return _object({name: value_of(part) for name, part in definition["fields"].items()}, definition["fields"])
    if kind == "choice_by":
        keys: Any = Literal[tuple(definition["keys"])]
        levels: Any = Literal[tuple(definition["options"])]
        return Annotated[dict[keys, levels], Field(min_length=1)]
    return _SIMPLE[kind](definition)


_SIMPLE: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "boolean": lambda _: bool,
    "date": lambda _: Annotated[str, AfterValidator(_iso_date), Field(json_schema_extra={"format": "date"})],
    "integer": lambda d: Annotated[int, Field(ge=d.get("minimum", 0), le=d.get("maximum", 10**9))],
    "choice": lambda d: Literal[tuple(d["options"])],
    "duration": lambda _: Annotated[_DURATION, AfterValidator(_some_length)],
}


def value_of(definition: Mapping[str, Any]) -> Value:
    """Read a value definition; KeyError or TypeError when it is not one."""
    parts = {name: value_of(part) for name, part in definition.get("fields", {}).items()}
    return Value(
        kind=definition["type"],
        adapter=TypeAdapter(annotation(definition)),
        options=dict(definition.get("options", {})),
        fields=parts,
        of=value_of(definition["of"]) if "of" in definition else None,
        label=definition.get("label", ""),
        max_length=definition.get("max_length"),
        definition=definition,
    )
