"""`referral-broker token ROLE`: prints an access token, alone on its line, for the service of this machine."""

import argparse
import asyncio
import sys
from dataclasses import replace

from service.access.callers import Role
from service.commands.development import development_settings, sign_tokens
from service.demonstration.workers import WORKERS


def main(arguments: list[str]) -> int:
    """Print a token; outside development, refuse in a sentence with exit code 2."""
    asked = _parser().parse_args(arguments)
    settings = development_settings("token")
    named = {name: value for name, value in vars(asked).items() if name != "role" and value is not None}
    (token,) = asyncio.run(sign_tokens(settings, [replace(WORKERS[Role(asked.role)], **named)]))
    sys.stdout.write(f"{token}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="referral-broker token",
        description="Print an access token that is good for 8 hours. Without flags it is a demonstration worker's.",
    )
    parser.add_argument("role", metavar="ROLE", choices=[str(role) for role in Role], help=", ".join(Role))
    parser.add_argument("--worker", metavar="NAME", help="who is calling")
    parser.add_argument("--organisation", metavar="ID", help="the organisation they act for")
    parser.add_argument("--premises", metavar="ID", help="the approved premises they work at")
    parser.add_argument("--area", metavar="ID", help="the area they work in")
    return parser
