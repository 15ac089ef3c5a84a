"""What each kind of field of a real form would accept."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.catalogue.inventories import Row, accepts, read_inventories, systems_named
from service.catalogue.loading import CATALOGUE_FOLDER
from tests.catalogue.make import row


def read_row(folder: Path, kind: str, options: list[str] | None = None, **changes: Any) -> Row:
    """Return a row read from an inventory of that row alone."""
    (folder / "cas3.json").write_text(json.dumps([row("cas3.1", kind, options, **changes)]), encoding="utf-8")
    return read_inventories(folder)["cas3.1"]


@pytest.mark.parametrize(
    ("kind", "options", "accepted", "refused"),
    [
        ("text", None, ["words"], ["", "  ", 3, None]),
        ("date", None, ["2026-11-02"], ["2 November", "2026-02-30", 20261102]),
        ("date_or_indefinite", None, ["2026-11-02", "indefinite"], ["never"]),
        ("boolean", None, [True, "yes", "no"], ["true", 1, [], {}]),
        ("boolean", ["true", "false"], [True, "true"], ["yes"]),
        ("boolean", ["confirmed"], ["confirmed"], ["yes"]),
        ("enum", ["a", "b"], ["a"], ["c", "", ["a"]]),
        ("enum", ["<ids on record>"], ["anything"], ["", 4]),
        ("enum", ["PROVED", "..."], ["PROVED", "OTHER"], [""]),
        ("enum", ["108 PDU names"], ["Leeds"], [""]),
        ("multi-enum", ["A(GM)", "B"], [["A", "B"], []], [["C"], "A", ["A(GM)"]]),
        ("multi_enum", ["a"], [["a"]], [["b"]]),
        ("number", None, [3], ["3", True]),
        ("list<object>", None, [[], [{"a": 1}]], [{}, "a"]),
        ("list<object>", ["shpo", "other"], [[{"kind": "shpo", "until": "2027"}]], [[{"kind": "cbo"}]]),
        ("object", None, [{"a": 1}], ["a", []]),
        ("enum_pair", ["low", "high"], [{"community": "low", "custody": "high"}], [{"community": "none"}, {}, "low"]),
        ("duration", None, [{"years": 2}], ["2 years", {"hours": 2}]),
        ("attachment", None, ["a reference", [{"name": "x"}]], [3]),
        ("bullets", None, ["a", ["a"]], [3]),
        ("address_or_text", None, ["a street", {"line": "a"}], [3]),
    ],
)
def test_a_row_accepts_what_its_type_and_options_allow(
    tmp_path: Path, kind: str, options: list[str] | None, accepted: list[object], refused: list[object]
) -> None:
    field = read_row(tmp_path, kind, options)

    assert [value for value in accepted if accepts(field, value)] == []
    assert [value for value in refused if not accepts(field, value)] == []


@pytest.mark.parametrize(
    ("text", "systems"),
    [
        ("Delius", ("delius",)),
        ("NOMIS / prison case notes", ("nomis",)),
        ("OASys (latest assessment completed within six months; editable)", ("oasys",)),
        ("none (not looked up, although Delius holds the manager)", ()),
        ("none", ()),
        ("CAS1 premises data", ("cas",)),
    ],
)
def test_a_record_system_holds_a_field_only_when_the_form_takes_it_from_there(
    text: str, systems: tuple[str, ...]
) -> None:
    assert systems_named(text) == systems


def test_the_inventories_of_this_release_hold_all_653_fields_of_types_we_know() -> None:
    rows = read_inventories(CATALOGUE_FOLDER / "inventory")

    assert len(rows) == 653
    assert [name for name, field in rows.items() if accepts(field, object()) is None] == []


def test_fields_nobody_has_checked_against_the_form_are_marked() -> None:
    rows = read_inventories(CATALOGUE_FOLDER / "inventory").values()

    assert {field.form for field in rows if field.unchecked} == {"mappa"}
