"""`referral-broker run`: everything on a development machine, and what to try first."""

import argparse
import asyncio
import json
import shlex

from service import launcher
from service.access.callers import Role
from service.commands.demonstrations import load_demonstration_data
from service.commands.development import sign_in_links, sign_tokens
from service.demonstration.workers import WORKERS
from service.launcher import Hooks
from service.settings import Settings, load_settings

FIRST_CASE = "X100001"
WITH_PAGES = (Role.PREMISES, Role.PRACTITIONER, Role.MANAGER)
FIRST_PACKS = ("approved_premises", "cas3", "commissioned_services")


def main(arguments: list[str]) -> int:
    """Run the service with its database and demonstration data until Ctrl-C; PORT and DATA_DIR run another beside."""
    argparse.ArgumentParser(prog="referral-broker run", description=main.__doc__).parse_args(arguments)
    return launcher.run(load_settings(), Hooks(load_demonstration_data, banner))


def banner(settings: Settings) -> str:
    """Return where the interactive API page is, a token for each kind of caller, and three lines to paste."""
    if settings.issuer is not None:
        return f"The API page: {settings.address}/docs\nTokens come from {settings.issuer}."
    signed = asyncio.run(sign_tokens(settings, list(WORKERS.values())))
    by_role = dict(zip(WORKERS, signed, strict=True))
    lines = [f"The API page: {settings.address}/docs", "", "The pages; each link signs you in as somebody invented:"]
    lines += ["", *_pages(settings), "", "Tokens, good for 8 hours:"]
    lines += [f"\n{role}\n{token}" for role, token in by_role.items()]
    lines += ["\nFor more of them, by `referral-broker token ROLE`, and to begin with, in another shell:\n"]
    lines += [_export(settings)]
    lines += ["\nTo begin with: who there is, what is still to be asked, and three referrals made at once.\n"]
    return "\n".join([*lines, *_first_steps(settings, by_role[Role.PRACTITIONER]), ""])


def _pages(settings: Settings) -> list[str]:
    links = asyncio.run(sign_in_links(settings, [WORKERS[role] for role in WITH_PAGES]))
    return [f"{str(role) + ':':<13} {link}" for role, link in zip(WITH_PAGES, links, strict=True)]


def _export(settings: Settings) -> str:
    """Return the line that lets commands of another shell find this machine's service."""
    fields = Settings.model_fields
    ours = {"PORT": (settings.port, fields["port"]), "DATA_DIR": (settings.data_dir, fields["data_dir"])}
    named = [
        f"{name}={shlex.quote(str(value))}"
        for name, (value, field) in ours.items()
        if value != field.get_default(call_default_factory=True)
    ]
    return " ".join(["export BROKER_ENVIRONMENT=development", *named])


def _first_steps(settings: Settings, token: str) -> list[str]:
    curl = f"curl -sS -H 'Authorization: Bearer {token}'"
    case = f"{settings.address}/v1/cases/{FIRST_CASE}"
    wanted = json.dumps({"packs": [{"pack": pack} for pack in FIRST_PACKS]})
    return [
        f"{curl} {settings.address}/v1/cases",
        f"{curl} '{case}/questions?packs={','.join(FIRST_PACKS)}'",
        f"{curl} -H 'Content-Type: application/json' -H 'Idempotency-Key: first' -d '{wanted}' {case}/referrals",
    ]
