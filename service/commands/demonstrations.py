"""`referral-broker demo` plays the four invented cases; `demonstration-data` loads them: both as any caller would."""

import argparse
import asyncio
import datetime
import logging
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from service import observation
from service.access.callers import Role
from service.app import create_app
from service.catalogue.concepts import rows_with_a_source
from service.catalogue.inventories import inventory, is_asked
from service.commands.development import development_settings, sign_tokens
from service.demonstration.examples import sent_examples
from service.demonstration.figures import Fields, table
from service.demonstration.loading import Loaders, load
from service.demonstration.people import read_cases
from service.demonstration.playing import Cast, Played, PlayFailed, expect, play, play_move_on
from service.demonstration.workers import WORKERS
from service.settings import Settings

FAILED = 1
PATIENCE = httpx.Timeout(30.0)


def main(arguments: list[str]) -> int:
    """Play the four cases through the running service and print what asking once saved."""
    parser = argparse.ArgumentParser(prog="referral-broker demo", description=main.__doc__)
    parser.add_argument("--url", help="where the service runs; the address of the settings unless given")
    parser.add_argument("--examples", type=Path, metavar="FOLDER", help="send one referral of each kind, keep it here")
    asked = parser.parse_args(arguments)
    settings = development_settings("demo")
    try:
        played, documents = asyncio.run(
            _play_all(settings, asked.url or settings.address, with_examples=asked.examples is not None)
        )
    except (PlayFailed, httpx.TransportError) as failure:
        sys.stderr.write(f"{str(failure) or type(failure).__name__}\n")
        return FAILED
    for name, document in documents.items():
        asked.examples.mkdir(parents=True, exist_ok=True)
        (asked.examples / name).write_bytes(document)
    sys.stdout.write(f"{table([case.figures for case in played])}\n{_move_on_in_words(played)}\n")
    return 0


def load_demonstration_data(settings: Settings) -> None:
    """Load the cases into a database, through the service's own API without a network between."""
    asyncio.run(_load(settings))


async def _load(settings: Settings) -> None:
    app = create_app(settings)
    observation.configure_logs(logging.WARNING)  # a first start's hundreds of answers would bury the banner
    async with app.router.lifespan_context(app), _clients(settings, settings.address, httpx.ASGITransport(app)) as by:
        cast = Cast(by[Role.PRACTITIONER], by[Role.RECORD_SYSTEM], by[Role.MANAGER])
        await load(Loaders(cast, by[Role.ADMINISTRATOR]), datetime.datetime.now(datetime.UTC).date())


async def _play_all(settings: Settings, url: str, *, with_examples: bool) -> tuple[list[Played], dict[str, bytes]]:
    today = datetime.datetime.now(datetime.UTC).date()
    fields = known_fields()
    async with _clients(settings, url, None) as by:
        cast = Cast(by[Role.PRACTITIONER], by[Role.RECORD_SYSTEM], by[Role.MANAGER])
        covers = {
            pack["pack"]: {
                question["id"]: question["covers"]
                for section in expect(await cast.practitioner.get(f"/v1/packs/{pack['pack']}"))["sections"]
                for question in section["questions"]
            }
            for pack in expect(await cast.practitioner.get("/v1/packs"))["items"]
        }
        played = [(case, await play(cast, case, unused_crn(), covers, fields)) for case in read_cases(today)]
        for case, each in played:
            await play_move_on(cast, case, each)
        documents = await sent_examples(cast, played) if with_examples else {}
        return [each for _, each in played], documents


def _move_on_in_words(played: list[Played]) -> str:
    asked = ", ".join(str(case.asked_for_move_on) for case in played)
    return (
        f"From the same profiles, a referral to a council and one to supported housing each: {asked} more answers,"
        " which belong to those two or which no other form had asked."
    )


def known_fields() -> Fields:
    """Return which fields the real forms ask, and which a record system is named as holding."""
    rows = inventory().values()
    return Fields(
        asked=frozenset(row.id for row in rows if is_asked(row)),
        held=frozenset(row.id for row in rows if row.held_by) | rows_with_a_source(),
    )


def unused_crn() -> str:
    """Return a CRN for one more playing: invented cases begin with Z, which no record system gives out."""
    return f"Z{random.SystemRandom().randrange(10**6):06d}"


@asynccontextmanager
async def _clients(
    settings: Settings, url: str, transport: httpx.AsyncBaseTransport | None
) -> AsyncIterator[dict[Role, httpx.AsyncClient]]:
    roles = (Role.PRACTITIONER, Role.MANAGER, Role.RECORD_SYSTEM, Role.ADMINISTRATOR)
    tokens = await sign_tokens(settings, [WORKERS[role] for role in roles])
    clients = {
        role: httpx.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=PATIENCE,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        for role, token in zip(roles, tokens, strict=True)
    }
    try:
        yield clients
    finally:
        for client in clients.values():
            await client.aclose()
