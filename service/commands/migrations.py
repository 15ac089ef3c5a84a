"""`referral-broker migrate`: brings the tables to this release, as their owner, before the service starts."""

import argparse

from service import schema_versions
from service.settings import owner_database_url


def main(arguments: list[str]) -> int:
    """Bring the database that BROKER_OWNER_DATABASE_URL names to this release; a second run changes nothing."""
    argparse.ArgumentParser(prog="referral-broker migrate", description=main.__doc__).parse_args(arguments)
    schema_versions.upgrade(owner_database_url())
    return 0
