"""`referral-broker client-assertion FILE CLIENT`: what a client signs to be known at the token endpoint."""

import argparse
import datetime
import sys
from pathlib import Path

from service.access.assertions import make_assertion
from service.commands.client_keys import read_key
from service.settings import load_settings


def main(arguments: list[str]) -> int:
    """Print an assertion that is good once, for a minute: the client that asks, and the worker it asks for."""
    parser = argparse.ArgumentParser(prog="referral-broker client-assertion", description=main.__doc__)
    parser.add_argument("file", type=Path, help="the client's private key")
    parser.add_argument("client", help="the id under which the client is registered")
    parser.add_argument("--worker", help="the registered worker a token is to name")
    parser.add_argument("--issuer", help="the address of the service; unset, that of this machine")
    asked = parser.parse_args(arguments)
    issuer = asked.issuer or load_settings().address
    now = datetime.datetime.now(datetime.UTC)
    sys.stdout.write(f"{make_assertion(read_key(asked.file), asked.client, asked.worker, issuer, now)}\n")
    return 0
