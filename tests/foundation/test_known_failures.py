"""The page of known failures names tests that there are, one or more for each failure, and no failure twice."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "known-failures.md").read_text(encoding="utf-8")
TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")
HEADING = ["The failure", "Here", "Test"]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
FAILURES = [row for row in ROWS if row != HEADING]


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests a file defines, as it is written: nothing of it is run."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: str(row[0])[:60])
def test_each_failure_says_what_happens_here_and_names_tests_that_there_are(row: list[str]) -> None:
    failure, here, named = row
    found = TEST.findall(named)

    assert failure
    assert here
    assert ", ".join(f"`{path}::{name}`" for path, name in found) == named
    assert found
    assert [(path, name) for path, name in found if not (ROOT / path).is_file() or name not in names_in(path)] == []


def test_no_failure_stands_on_the_page_twice() -> None:
    named = [" ".join(row[0].lower().split()) for row in FAILURES]

    assert sorted(named) == sorted(set(named))


def test_each_heading_but_the_last_has_failures_under_it() -> None:
    """A row that is not written as one would be passed over: every line of a table is one of its rows."""
    *answered, beyond = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    lines = [line for part in answered for line in part.splitlines()[1:] if line.strip()]

    assert [line for line in lines if not (line.startswith("| ") or line == "|---|---|---|")] == []
    assert [part.splitlines()[2] for part in answered] == ["| " + " | ".join(HEADING) + " |"] * len(answered)
    assert "|" not in beyond
