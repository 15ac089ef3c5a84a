"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from service import served_apps

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
LONGEST_CONFTEST = 150
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base"}

# A migration is as long as its change; it is written once and never changed.
SOURCES = sorted(
    path
    for folder in ("service", "tests", "migrations", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if path.parent.name != "versions"
)


def name_of(path: Path) -> str:
    """Return a path as a test's name."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_is_short_named_for_its_subject_and_says_first_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= (LONGEST_CONFTEST if path.name == "conftest.py" else LONGEST_FILE)
    assert path.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(ast.parse(text)), "the first line says what the module is for"


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=name_of)
def test_a_package_passes_nothing_on(path: Path) -> None:
    if path.parent != ROOT / "service" / "models":
        assert len(ast.parse(path.read_text(encoding="utf-8")).body) == 1, "one docstring"


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.is_relative_to(ROOT / "service") and "store" not in path.parts],
    ids=name_of,
)
def test_queries_are_written_in_the_store_alone(path: Path) -> None:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))

    assert [call.id for call in calls if isinstance(call, ast.Name) and call.id == "select"] == []


def test_every_task_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    tasks = re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z-]+):.*?## \S", makefile, re.MULTILINE)
    assert tasks == explained


def test_the_locks_pin_every_package_by_hash_and_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        requirements = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
        assert [line for line in requirements if "==" not in line or not line.endswith("\\")] == []


def test_the_image_runs_as_nobody_in_particular_and_holds_no_development_dependency() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = dockerfile.rsplit("\nFROM ", 1)[1]

    assert re.search(r"^USER \d+$", final, re.MULTILINE)
    assert "HEALTHCHECK" in final
    assert f'"--timeout-keep-alive", "{served_apps.IDLE_SECONDS}"' in final
    assert "development.lock" not in dockerfile
    assert "pixeltable" not in (ROOT / "requirements" / "service.lock").read_text(encoding="utf-8")


def test_no_test_is_switched_off_but_for_what_a_machine_may_lack() -> None:
    """A test that is skipped or commented out shows nothing, and nobody sees that it does not."""
    ways = (r"\b(skip|skipif|xfail|importorskip)\(", r"pytest\.mark\.(skip|xfail)\b", r"^\s*#\s*(async )?def test_")
    switches = re.compile("|".join(ways), re.MULTILINE)
    found = {
        name_of(path): len(switches.findall(path.read_text(encoding="utf-8")))
        for path in SOURCES
        if path.is_relative_to(ROOT / "tests") and path != Path(__file__)
    }

    # A browser; a table of processes in files, and being root.
    assert {name: count for name, count in found.items() if count} == {
        "tests/browser/conftest.py": 1,
        "tests/foundation/test_embedded_postgres.py": 2,
    }
