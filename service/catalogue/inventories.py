"""The 653 fields of the four real forms, as they were read from them, and what each would accept."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FORMS = ("cas1", "cas3", "crs", "mappa")
# The form of a pack that follows no real form, because none was to be had: it covers no row and is ours throughout.
NO_FORM = "none"
# A row the form shows once for each service category: one code, or a code by category.
PER_CATEGORY = "per selected category"
UNCHECKED = "not checked against the current form"
ID = re.compile(r'"id":\s*"([^"]+)"')
NOTE_IN_BRACKETS = re.compile(r"(?<=\S)\([^()]*\)$")
# How the inventories name the systems a value is copied from, and the catalogue's name for each.
SYSTEMS = {
    "delius": re.compile(r"\bDelius\b", re.IGNORECASE),
    "nomis": re.compile(r"\bNOMIS\b", re.IGNORECASE),
    "oasys": re.compile(r"\bOASys\b", re.IGNORECASE),
    "tier": re.compile(r"\bTier\b"),
    "create_and_vary": re.compile(r"create[- ]and[- ]vary", re.IGNORECASE),
    "cas": re.compile(r"\bCAS[123]\b"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a real form.

    `held_by` are the record systems the form itself fills it from; `unchecked` marks a field that nobody has compared
    with the form in use; `listed` are the option codes written down, `open` says that there are others beside them;
    `repeated` marks one column of a list that the form imports, so that its value is a list with an entry for each row
    of it; `line` is where the row stands in its file.
    """

    id: str
    form: str
    where: str
    field: str
    meaning: str
    type: str
    options: tuple[str, ...]
    required_when: str
    held_by: tuple[str, ...]
    unchecked: bool
    listed: frozenset[str]
    open: bool
    repeated: bool
    line: int


NEVER_ASKED = re.compile(
    r"^(never \((display|imported|filter|set by)|never asked|never$|set by the service|derived from)"
)


def is_asked(row: Row) -> bool:
    """Whether the real form puts the row to somebody, as against showing, importing, copying or deriving it."""
    return NEVER_ASKED.match(row.required_when) is None


@cache
def inventory() -> dict[str, Row]:
    """Return every row of the four real forms that this release carries, read once."""
    return read_inventories(Path(__file__).parent / "inventory")


def read_inventories(folder: Path) -> dict[str, Row]:
    """Return every row of the inventories in a folder, by id; a form whose file is absent has no rows."""
    rows: dict[str, Row] = {}
    for form in FORMS:
        path = folder / f"{form}.json"
        if path.exists():
            text = path.read_text(encoding="utf-8")
            lines = {found.group(1): text.count("\n", 0, found.start()) + 1 for found in ID.finditer(text)}
            for entry in json.loads(text):
                rows[entry["id"]] = _row(form, entry, lines[entry["id"]])
    return rows


def _row(form: str, entry: Mapping[str, Any], line: int) -> Row:
    options = tuple(str(option) for option in entry.get("options") or ())
    codes = [_code(option) for option in options]
    return Row(
        id=entry["id"],
        form=form,
        where=entry["where"],
        field=entry["field"],
        meaning=entry["meaning"],
        type=entry["type"],
        options=options,
        required_when=entry["required_when"],
        held_by=systems_named(entry.get("held_by") or ""),
        unchecked=entry.get("certainty") == UNCHECKED,
        listed=frozenset(code for code in codes if code),
        open=not options or "" in codes,
        repeated="[]." in entry["field"],
        line=line,
    )


def systems_named(text: str) -> tuple[str, ...]:
    """Return the record systems a `held_by` text names; "none (…)" is none, whatever the brackets go on to say."""
    if text.lower().startswith("none"):
        return ()
    return tuple(name for name, pattern in SYSTEMS.items() if pattern.search(text))


def _code(option: str) -> str:
    """Return the code an option gives, or nothing where it describes a list kept elsewhere."""
    code = NOTE_IN_BRACKETS.sub("", option)
    return "" if "<" in code or code.startswith("(") or code.endswith("...") or " " in code else code


def accepts(row: Row, value: Any) -> str | None:
    """Say why the row's type and options would not accept a form value; None when they would."""
    if row.repeated and isinstance(value, list):
        return next((fault for entry in value if (fault := _single_fault(row, entry))), None)
    return _single_fault(row, value)


def _single_fault(row: Row, value: Any) -> str | None:
    kind = row.type.replace("-", "_")
    if kind.endswith("_or_text"):
        return None if _is_text(value) or isinstance(value, dict) else "neither text nor an object"
    if kind.startswith("list<"):
        return _list_fault(row, value)
    return _TYPES[kind](row, value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text(_: Row, value: Any) -> str | None:
    return None if _is_text(value) else "not text"


def _date(_: Row, value: Any) -> str | None:
    try:
        return None if dt.date.fromisoformat(value).isoformat() == value else "not an ISO date"
    except (TypeError, ValueError):
        return "not an ISO date"


def _date_or_indefinite(row: Row, value: Any) -> str | None:
    return None if value == "indefinite" else _date(row, value)


def _boolean(row: Row, value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    words = row.listed or frozenset(("yes", "no"))
    return None if isinstance(value, str) and value in words else "not a yes or no of this form"


def _enum(row: Row, value: Any) -> str | None:
    if isinstance(value, dict) and PER_CATEGORY in row.required_when:
        return next((fault for code in value.values() if (fault := _enum(row, code))), None)
    if not _is_text(value):
        return "not one code"
    return None if row.open or value in row.listed else f"{value!r} is not an option of the form"


def _multi_enum(row: Row, value: Any) -> str | None:
    if not isinstance(value, list):
        return "not a list of codes"
    return next((fault for code in value if (fault := _enum(row, code))), None)


def _number(_: Row, value: Any) -> str | None:
    return None if isinstance(value, int) and not isinstance(value, bool) else "not a whole number"


def _object(_: Row, value: Any) -> str | None:
    return None if isinstance(value, dict) else "not an object"


def _pair(row: Row, value: Any) -> str | None:
    if not isinstance(value, dict) or not value or set(value) - {"community", "custody"}:
        return "not a pair of community and custody"
    return next((fault for code in value.values() if (fault := _enum(row, code))), None)


def _duration(_: Row, value: Any) -> str | None:
    whole = isinstance(value, dict) and all(_number(_, part) is None for part in value.values())
    return None if whole and set(value) <= {"years", "months", "weeks", "days"} else "not a duration"


def _attachment(_: Row, value: Any) -> str | None:
    return None if isinstance(value, (list, dict)) or _is_text(value) else "not an attachment"


def _bullets(_: Row, value: Any) -> str | None:
    return None if isinstance(value, list) or _is_text(value) else "not a list of points"


def _list_fault(row: Row, value: Any) -> str | None:
    if not isinstance(value, list):
        return "not a list"
    if row.open:
        return None
    for entry in value:
        codes = entry.values() if isinstance(entry, dict) else [entry]
        if not any(isinstance(code, str) and code in row.listed for code in codes):
            return "an entry has none of the form's options in it"
    return None


_TYPES: dict[str, Callable[[Row, Any], str | None]] = {
    **dict.fromkeys(("text", "string", "longtext", "identifier", "email", "phone", "address"), _text),
    **dict.fromkeys(("date", "computed_date"), _date),
    **dict.fromkeys(("file", "attachment"), _attachment),
    "date_or_indefinite": _date_or_indefinite,
    "boolean": _boolean,
    "enum": _enum,
    "multi_enum": _multi_enum,
    "number": _number,
    "object": _object,
    "enum_pair": _pair,
    "duration": _duration,
    "bullets": _bullets,
}
