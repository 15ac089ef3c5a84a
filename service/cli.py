"""The `referral-broker` command: a table of what it does. Each command's module is loaded only when it is asked for.

Loading the whole service takes longer than most commands take to run; `token` answers while one still looks.
"""

import importlib
import sys
from collections.abc import Sequence

from service.refusals import StartUpRefused

# Each is a module of `service.commands` with `main(arguments: list[str]) -> int`; that returns the exit code.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("runs", "Run everything on a development machine: database, demonstration data, service."),
    "migrate": ("migrations", "Bring the database's tables to this release, as their owner."),
    "token": ("tokens", "Print an access token for a role, in development."),
    "sign-in": ("sign_ins", "Print a link that signs a browser in, in development."),
    "rotate-key": ("key_rotations", "Add a signing key to the embedded issuer, in development."),
    "client-key": ("client_keys", "Make a key for a system that will call for workers."),
    "client-assertion": ("client_assertions", "Print what a client signs to get a token."),
    "dpop": ("proofs", "Print a proof of possession for one request."),
    "audit": ("audits", "Prove or export the record of access, print a checkpoint of it, or retire a month."),
    "demo": ("demonstrations", "Play the four invented cases through the running service, in development."),
    "catalogue": ("catalogues", "Check the catalogue, report on it, or release new versions of packs."),
    "openapi": ("descriptions", "Print, write or check the API's published description."),
    "settings": ("settings_pages", "Print or write the page of every setting."),
}


def main() -> int:
    """Run one command and return its exit code: 0 when it did its work, 2 when it was asked wrongly."""
    name, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if name in COMMANDS:
        return run_command(name, arguments)
    asked_for_help = name in {"-h", "--help", "help"}
    (sys.stdout if asked_for_help else sys.stderr).write(usage())
    return 0 if asked_for_help else 2


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run a command of the table; what stands in its way is one sentence on standard error, and its exit code."""
    module = importlib.import_module(f"service.commands.{COMMANDS[name][0]}")
    try:
        code: int = module.main(list(arguments))
    except StartUpRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return refusal.exit_code
    return code


def usage() -> str:
    """Return what the command can do, a line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {purpose}" for name, (_, purpose) in COMMANDS.items()]
    return "\n".join(["usage: referral-broker COMMAND …", "", *lines, ""])


if __name__ == "__main__":
    sys.exit(main())
