"""The real form, filled: each inventory row with the value and code the form itself uses."""

import datetime
from collections.abc import Mapping
from typing import Any

import cel

from service.catalogue.conditions import UNKNOWN, UNTIL
from service.catalogue.definitions import Pack
from service.catalogue.form_values import in_the_forms_codes, in_the_forms_style
from service.catalogue.inventories import Row
from service.domain.population import Entry, Populated, time_until

SPLIT_DATES = frozenset({"cas1", "cas3"})


def form_rows(populated: Populated, today: datetime.date) -> dict[str, Any]:
    """Return `{inventory row: value}` for every row the form would ask here and that has an answer.

    Options are written in the form's codes, booleans in its style, dates as ISO text, and what a row writes
    differently (a duration in four rows) as the pack's expression says. A narrative kept from the recipient is absent.
    """
    rows: dict[str, Any] = {}
    context: cel.Context | None = None
    for entry in populated.entries.values():
        if entry.asked is not True or entry.value is None or not entry.question.covers:
            continue
        if entry.question.writes and context is None:
            context = _context(populated, today)
        for row in entry.question.covers:
            value = _row_value(row, entry, populated.pack, context)
            if value is not None:
                rows[row] = value
    return rows


def _context(populated: Populated, today: datetime.date) -> cel.Context:
    """Return what the writing of rows reads: what surrounds the person, and every settled answer."""
    variables = dict(populated.surrounding)
    for entry in populated.entries.values():
        if entry.asked is True and entry.answered:
            # A narrative kept from the recipient adds no words to a row that joins several.
            variables[entry.question.id] = "" if entry.value is None else entry.value
        elif entry.asked is False:
            variables[entry.question.id] = entry.question.value.empty
    for name in populated.pack.names_written:
        until = UNTIL.match(name)
        if until and until.group(2) in variables:
            day = variables[until.group(2)]
            variables[name] = None if day is None else time_until(until.group(1), day, today)
    return cel.Context(variables=variables)


def _row_value(row: str, entry: Entry, pack: Pack, context: cel.Context | None) -> Any:
    condition = entry.question.writes.get(row)
    if condition is None or context is None:
        return in_the_forms_codes(pack, entry.question, entry.value)
    context.update({"value": entry.value})
    value = condition.evaluate(context)
    return None if value is UNKNOWN else in_the_forms_style(pack, value)


def by_field(rows: Mapping[str, Any], inventory: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """Return rows as the form's own pages name them: `{page: {field: value}}`.

    The CAS forms keep a date as ISO text and again in three parts, `-year`, `-month` and `-day`, as text.
    """
    pages: dict[str, dict[str, Any]] = {}
    for name, value in rows.items():
        row = inventory[name]
        fields = pages.setdefault(row.where, {})
        fields[row.field] = value
        if row.type == "date" and row.form in SPLIT_DATES:
            year, month, day = (str(int(part)) for part in value.split("-"))
            fields |= {f"{row.field}-year": year, f"{row.field}-month": month, f"{row.field}-day": day}
    return pages
