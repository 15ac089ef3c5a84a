"""What `referral-broker catalogue` does: check the catalogue, report on it, release new versions of packs."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from service.catalogue.checks.coverage import ALL_ROWS
from service.catalogue.checks.grounds import read_grounds
from service.catalogue.checks.releases import drafts, release_drafts
from service.catalogue.checks.runs import run_checks, run_checks_of_one_pack
from service.catalogue.definitions import Catalogue
from service.catalogue.differences import differences
from service.catalogue.loading import CATALOGUE_FOLDER, load_catalogue
from service.catalogue.reports import report as report_of
from service.errors import CatalogueInvalid


def check(pack: str | None = None, folder: Path = CATALOGUE_FOLDER) -> int:
    """Print what is wrong with the catalogue, or that nothing is; 1 when something is. `pack` looks at one pack."""
    try:
        catalogue = load_catalogue(folder) if pack is None else _only(pack, folder)
        faults = run_checks(catalogue, folder) if pack is None else run_checks_of_one_pack(catalogue, folder, pack)
    except CatalogueInvalid as invalid:
        _say(*invalid.faults, f"{len(invalid.faults)} faults: the files cannot be read together")
        return 1
    if faults:
        _say(*faults, f"{len(faults)} faults")
        return 1
    _say(*_what_is_sound(catalogue, folder, pack))
    return 0


def _what_is_sound(catalogue: Catalogue, folder: Path, pack: str | None) -> list[str]:
    grounds = read_grounds(catalogue, folder)
    rows = [row for row in grounds.rows.values() if pack is None or row.form in grounds.forms]
    excused = sum(row.id in grounds.excused for row in rows)
    lines = [f"{len(rows)} of {ALL_ROWS if pack is None else len(rows)} rows accounted for, {excused} of them excused"]
    return lines + [f"{key} is a draft: not released" for key in drafts(catalogue, folder)]


def _only(name: str, folder: Path) -> Catalogue:
    """Load the items and one pack, whatever state the others are in."""
    with tempfile.TemporaryDirectory() as copy:
        alone = Path(copy)
        for part in ("items", f"packs/{name}"):
            if (folder / part).is_dir():
                shutil.copytree(folder / part, alone / part)
        loaded = load_catalogue(alone)
    if name not in loaded.current_versions:
        raise CatalogueInvalid([f"packs:1: {name}: there is no such pack"])
    return loaded


def report(path: Path | None = None, folder: Path = CATALOGUE_FOLDER) -> int:
    """Print the report on the catalogue, or write it to a file."""
    text = report_of(load_catalogue(folder), folder)
    if path is None:
        _say(text.rstrip("\n"))
    else:
        path.write_text(text, encoding="utf-8")
    return 0


def release(folder: Path = CATALOGUE_FOLDER) -> int:
    """Note the hash of every new version of a pack, once the catalogue is sound."""
    catalogue = load_catalogue(folder)
    faults = run_checks(catalogue, folder)
    if faults:
        _say(*faults, f"{len(faults)} faults: nothing is released")
        return 1
    added = release_drafts(catalogue, folder)
    _say(*(f"{key} is released" for key in added), *([] if added else ["there is nothing to release"]))
    return 0


def difference(pack: str, old: str, new: str, folder: Path = CATALOGUE_FOLDER) -> int:
    """Print what changed between two versions of a pack; 1 when there is no such pack or version."""
    loaded = load_catalogue(folder)
    missing = [version for version in (old, new) if (pack, version) not in loaded.packs]
    if missing:
        _say(*(f"there is no {pack}/{version}" for version in missing))
        return 1
    changed = differences(loaded.pack(pack, old), loaded.pack(pack, new))
    _say(*(f"{one.question}: {one.change}: {one.before or 'nothing'} → {one.after or 'nothing'}" for one in changed))
    return 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def main() -> int:
    """Run `check [--pack NAME]`, `report [PATH]`, `release` or `difference PACK OLD NEW`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check").add_argument("--pack")
    commands.add_parser("report").add_argument("path", nargs="?", type=Path)
    commands.add_parser("release")
    versions = commands.add_parser("difference")
    for name in ("name", "old", "new"):
        versions.add_argument(name)
    asked = parser.parse_args()
    runs: dict[str, Callable[[], int]] = {
        "check": lambda: check(asked.pack),
        "report": lambda: report(asked.path),
        "release": release,
        "difference": lambda: difference(asked.name, asked.old, asked.new),
    }
    return runs[asked.command]()


if __name__ == "__main__":
    sys.exit(main())
