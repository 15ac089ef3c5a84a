"""`referral-broker sign-in ROLE`: prints a link that signs a browser in to the pages of this machine's service."""

import argparse
import asyncio
import sys
from dataclasses import replace

from service.access.browser_secrets import SIGNS_IN
from service.access.callers import Role
from service.commands.development import development_settings, sign_in_links
from service.demonstration.workers import WORKERS


def main(arguments: list[str]) -> int:
    """Print a link; outside development, refuse in a sentence with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="referral-broker sign-in", description="Print a link that signs a browser in, good for 8 hours."
    )
    roles = sorted(str(role) for role in SIGNS_IN)
    parser.add_argument("role", metavar="ROLE", choices=roles, help=", ".join(roles))
    parser.add_argument("--worker", metavar="NAME", help="who signs in")
    parser.add_argument("--premises", metavar="ID", help="the approved premises they work at")
    asked = parser.parse_args(arguments)
    settings = development_settings("sign-in")
    named = {name: value for name, value in vars(asked).items() if name != "role" and value is not None}
    (link,) = asyncio.run(sign_in_links(settings, [replace(WORKERS[Role(asked.role)], **named)]))
    sys.stdout.write(f"{link}\n")
    return 0
