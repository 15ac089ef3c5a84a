"""`referral-broker rotate-key`: gives the embedded issuer a new key; earlier tokens stay good unless told otherwise."""

import argparse
import asyncio
import datetime
import sys

from service.commands.development import development_settings, open_connection
from service.operations import signing_keys
from service.settings import Settings


def main(arguments: list[str]) -> int:
    """Add a key and retire those that were replaced more than 8 hours ago; exit code 2 outside development."""
    parser = argparse.ArgumentParser(prog="referral-broker rotate-key", description=main.__doc__)
    parser.add_argument("--end-others", action="store_true", help="end every earlier token, as after a leak")
    asked = parser.parse_args(arguments)
    settings = development_settings("rotate-key")
    asyncio.run(_rotate(settings, end_others=asked.end_others))
    if asked.end_others:
        # A process that serves asks for the keys once a minute.
        sys.stdout.write("Every earlier token ends within a minute.\n")
    return 0


async def _rotate(settings: Settings, *, end_others: bool) -> None:
    async with open_connection(settings) as connection:
        await signing_keys.rotate_keys(connection, datetime.datetime.now(datetime.UTC), end_others=end_others)
