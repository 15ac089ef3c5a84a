"""`referral-broker openapi`: the API's published description, printed, written to a file, or compared with one."""

import argparse
import json
import sys
from pathlib import Path

from service.app import create_app
from service.settings import Settings


def main(arguments: list[str]) -> int:
    """Print the description; `--write` and `--check` take a file. Exit code 1 where the file says something else."""
    parser = argparse.ArgumentParser(prog="referral-broker openapi")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--write", metavar="PATH", type=Path, help="write it to this file")
    doing.add_argument("--check", metavar="PATH", type=Path, help="say whether this file is up to date")
    asked = parser.parse_args(arguments)
    description = published_description()
    if asked.check is not None:
        return _compare(asked.check, description)
    if asked.write is None:
        sys.stdout.write(description)
    else:
        asked.write.parent.mkdir(parents=True, exist_ok=True)
        asked.write.write_text(description, encoding="utf-8")
    return 0


def published_description() -> str:
    """Return the description as the repository keeps it; it depends on the code alone, not on any setting."""
    description = create_app(Settings.model_construct(environment="development")).openapi()
    return json.dumps(description, indent=2, ensure_ascii=False) + "\n"


def _compare(path: Path, description: str) -> int:
    if path.exists() and path.read_text(encoding="utf-8") == description:
        return 0
    sys.stderr.write(f"{path} is not what the app describes: run `make openapi` and look at what changed.\n")
    return 1
