"""`referral-broker client-key FILE`: a key for a system that will call for workers; only its public part is printed."""

import argparse
import json
import os
import sys
from pathlib import Path

from joserfc import jwk
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from service.access.tokens import OUR_ALGORITHM
from service.refusals import StartUpRefused

PUBLIC = ("kty", "crv", "x", "y", "kid")


def main(arguments: list[str]) -> int:
    """Write a new private key to a file that only its owner can read, and print the public key to register."""
    parser = argparse.ArgumentParser(prog="referral-broker client-key", description=main.__doc__)
    parser.add_argument("file", type=Path, help="where the private key goes; it must not be there yet")
    path = parser.parse_args(arguments).file
    key = jwk.generate_key("EC", "P-256", {"use": "sig", "alg": OUR_ALGORITHM}, auto_kid=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as failure:
        raise StartUpRefused(f"{path} cannot be made: {failure.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True), file)
    public = key.as_dict(private=False)
    sys.stdout.write(f"{json.dumps({part: public[part] for part in PUBLIC} | {'use': 'sig'})}\n")
    return 0


def read_key(path: Path) -> ECKey:
    """Return the private key in a file; StartUpRefused where there is none."""
    try:
        key = ECKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, JoseError):
        raise StartUpRefused(f"{path} holds no key: make one with `referral-broker client-key {path}`.") from None
    if not key.is_private:
        raise StartUpRefused(f"{path} holds no private key.")
    return key
