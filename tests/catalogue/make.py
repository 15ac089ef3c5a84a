"""A tiny catalogue written to a folder: one form of a few rows, to be broken in one place at a time."""

import json
from pathlib import Path
from typing import Any

import yaml

from service.catalogue.checks.grounds import Grounds, read_grounds
from service.catalogue.checks.runs import pack_faults
from service.catalogue.loading import load_catalogue

ITEMS = """\
release_type:
  label: How is the person being released?
  value: {type: choice, options: {licence: On licence, parole: By the Parole Board}}
  reuse: fact
  tier: standard
parole_date:
  label: Parole hearing date
  value: {type: date}
  reuse: fact
  tier: standard
needs:
  label: Needs to plan for
  value: {type: choices, options: {hearing: Hearing, sight: Sight, none: None of these}, exclusive: [none]}
  reuse: fact
  tier: health
risk_summary:
  label: Summary of the risk
  value: {type: text, max_length: 4000}
  reuse: narrative
  tier: risk_narrative
earlier_stays:
  label: Earlier stays
  value:
    type: list
    of:
      type: object
      fields:
        place: {label: Place, type: string, required: true}
        ended: {label: Why it ended, type: string, required: false}
  reuse: fact
  tier: standard
"""
PACK_HEAD = """\
pack: {name}
version: "{version}"
label: A form
form: cas3
booleans: yes_no
sections:
  - id: all
    label: All
    questions:
"""
FIRST_QUESTION_LINE = PACK_HEAD.count("\n") + 1


def row(name: str, kind: str = "text", options: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    """Return an inventory row as the inventories write it."""
    return {
        "id": name,
        "where": "a page",
        "field": name,
        "meaning": f"meaning of {name}",
        "type": kind,
        "options": options,
        "required_when": "when it applies",
        "held_by": "none",
    } | changes


def write_catalogue(
    folder: Path, questions: str, *, rows: list[dict[str, Any]] | None = None, name: str = "cas3", version: str = "1"
) -> Path:
    """Write items, one pack with these questions (indented by two) and its inventory; return the folder."""
    (folder / "items").mkdir(parents=True, exist_ok=True)
    (folder / "items" / "all.yaml").write_text(ITEMS, encoding="utf-8")
    (folder / "packs" / name).mkdir(parents=True, exist_ok=True)
    indented = "".join(f"      {line}\n" for line in questions.strip("\n").splitlines())
    text = PACK_HEAD.format(name=name, version=version) + indented
    (folder / "packs" / name / f"{version}.yaml").write_text(text, encoding="utf-8")
    (folder / "inventory").mkdir(exist_ok=True)
    (folder / "inventory" / "cas3.json").write_text(json.dumps(rows or []), encoding="utf-8")
    return folder


def grounds_of(folder: Path) -> Grounds:
    """Load the catalogue of a folder with what stands beside it."""
    return read_grounds(load_catalogue(folder), folder)


def faults_of(folder: Path, name: str = "cas3", version: str = "1") -> list[str]:
    """Return the faults of one pack of the catalogue in a folder."""
    grounds = grounds_of(folder)
    return pack_faults(grounds, grounds.catalogue.packs[name, version])


def write_yaml(path: Path, content: Any) -> None:
    """Write a file that stands beside the packs."""
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
