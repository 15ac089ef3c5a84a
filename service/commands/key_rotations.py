"""`referral-broker rotate-key`: gives the embedded issuer a new key; tokens signed with the old one stay good."""

import argparse
import asyncio
import datetime
import sys

from service.commands.development import OutsideDevelopment, development_settings, open_connection
from service.operations import signing_keys
from service.settings import Settings

REFUSED = 2


def main(arguments: list[str]) -> int:
    """Add a key and retire those that were replaced more than 8 hours ago; exit code 2 outside development."""
    argparse.ArgumentParser(prog="referral-broker rotate-key", description=main.__doc__).parse_args(arguments)
    try:
        settings = development_settings("rotate-key")
    except OutsideDevelopment as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED
    asyncio.run(_rotate(settings))
    return 0


async def _rotate(settings: Settings) -> None:
    async with open_connection(settings) as connection:
        await signing_keys.rotate_keys(connection, datetime.datetime.now(datetime.UTC))
