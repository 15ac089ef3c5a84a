"""`referral-broker dpop FILE METHOD ADDRESS`: a proof of possession for one request, as curl cannot sign."""

import argparse
import datetime
import sys
from pathlib import Path

from service.access.proofs import Asked, make_proof
from service.commands.client_keys import read_key


def main(arguments: list[str]) -> int:
    """Print a proof (RFC 9449) that is good once, for a minute, for one method and address; send it as `DPoP`."""
    parser = argparse.ArgumentParser(prog="referral-broker dpop", description=main.__doc__)
    parser.add_argument("file", type=Path, help="the client's private key")
    parser.add_argument("method", type=str.upper, help="GET, POST…")
    parser.add_argument("address", help="the whole address of the request; its query does not count")
    parser.add_argument("--token", help="the access token the request carries; none, when asking for one")
    asked = parser.parse_args(arguments)
    request = Asked(asked.method, asked.address.partition("?")[0], asked.token)
    sys.stdout.write(f"{make_proof(read_key(asked.file), request, datetime.datetime.now(datetime.UTC))}\n")
    return 0
