"""`referral-broker settings`: every setting a place of work may give the service, as the page the repository keeps."""

import argparse
import json
import sys
from pathlib import Path

from pydantic.fields import FieldInfo

from service.settings import Settings

HEAD = """# Settings

Read once, when the service starts, from the environment. An unset environment is production, which needs
`DATABASE_URL` and `BROKER_ISSUER`. `referral-broker settings --write docs/settings.md` writes this page.
The server itself reads one more, `FORWARDED_ALLOW_IPS` (`127.0.0.1`): whose forwarding headers it believes about where
a request comes from.

| Variable | Unless given | What it is |
| --- | --- | --- |
"""
# What is worked out where the service runs cannot be printed as a value.
WORKED_OUT = {"data_dir": "`.data` in the checkout"}


def main(arguments: list[str]) -> int:
    """Print the page, or write it to a file."""
    parser = argparse.ArgumentParser(prog="referral-broker settings", description=main.__doc__)
    parser.add_argument("--write", metavar="PATH", type=Path, help="write it to this file")
    asked = parser.parse_args(arguments)
    if asked.write is None:
        sys.stdout.write(page())
    else:
        asked.write.write_text(page(), encoding="utf-8")
    return 0


def page() -> str:
    """Return the page; it depends on the code alone."""
    return HEAD + "".join(_line(name, field) for name, field in Settings.model_fields.items())


def variable_of(name: str, field: FieldInfo) -> str:
    """Return the environment variable a setting is read from."""
    return field.validation_alias if isinstance(field.validation_alias, str) else f"BROKER_{name.upper()}"


def _line(name: str, field: FieldInfo) -> str:
    return f"| `{variable_of(name, field)}` | {_default(name, field)} | {field.description} |\n"


def _default(name: str, field: FieldInfo) -> str:
    if name in WORKED_OUT:
        return WORKED_OUT[name]
    if field.default is None:
        return "unset"
    if isinstance(field.default, dict):
        return f"`{json.dumps(field.default)}`"
    return f"`{field.default}`"
