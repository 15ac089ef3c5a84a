"""Each command does its work alone on its output, or says in one sentence why it will not."""

import datetime
import importlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from pydantic import SecretStr

from service import cli, db
from service.access.callers import Caller, Role
from service.access.tokens import TokenRefused
from service.commands import descriptions, runs
from service.operations import issuers
from service.settings import Settings
from tests.clusters import DatabaseUrls

KEPT = {"PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "SYSTEMROOT"}
ADDRESS = "http://127.0.0.1:8123"


def broker(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with nothing in its environment but what is given."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=kept | environment,
    )


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Here(Protocol):
    """Runs the command in this process, which is quicker."""

    def __call__(self, *arguments: str, **environment: str) -> Ended: ...


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Give what runs the command with nothing of the broker's in its environment but what is given."""

    def run(*arguments: str, **environment: str) -> Ended:
        for name in [*os.environ]:
            if name.startswith("BROKER_") or name in {"DATABASE_URL", "DATA_DIR", "PORT"}:
                monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["referral-broker", *arguments])
        try:
            code = cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def machine(database_urls: DatabaseUrls) -> dict[str, str]:
    """Return the environment of a development machine that runs on the tests' database."""
    return {"BROKER_ENVIRONMENT": "development", "DATABASE_URL": database_urls.application, "PORT": "8123"}


async def caller_at(database_urls: DatabaseUrls, token: str) -> Caller:
    """Return whom the service at port 8123 takes a token's bearer for."""
    engine = db.create_engine(Settings(environment="development", database_url=SecretStr(database_urls.application)))
    issuer = issuers.embedded_issuer(ADDRESS, "referral-broker", db.create_session_factory(engine))
    try:
        return await issuer.identify(token, datetime.datetime.now(datetime.UTC))
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    ("role", "named", "organisation"),
    [
        ("practitioner", "p.demo", None),
        ("assessor", "a.demo", "national-assessment"),
        ("record_system", "record-system", None),
    ],
)
async def test_a_token_stands_alone_on_its_line_and_is_a_demonstration_workers(
    machine: dict[str, str], database_urls: DatabaseUrls, role: str, named: str, organisation: str | None
) -> None:
    printed = broker("token", role, **machine)

    assert (printed.returncode, printed.stderr, printed.stdout.count("\n")) == (0, "", 1)
    caller = await caller_at(database_urls, printed.stdout.strip())
    assert (caller.role, caller.worker, caller.organisation) == (role, named, organisation)


async def test_flags_say_who_the_token_is_for(machine: dict[str, str], database_urls: DatabaseUrls) -> None:
    flags = {"--worker": "x.y", "--organisation": "north-housing", "--premises": "Q012", "--area": "north"}

    printed = broker("token", "premises", *(part for flag in flags.items() for part in flag), **machine)

    caller = await caller_at(database_urls, printed.stdout.strip())
    assert [caller.worker, caller.organisation, caller.premises, caller.area] == list(flags.values())


@pytest.mark.parametrize("command", [("token", "practitioner"), ("rotate-key",)])
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "works only in development: set BROKER_ENVIRONMENT=development."),
        ({"BROKER_ENVIRONMENT": "production"}, "works only in development"),
        (
            {"BROKER_ENVIRONMENT": "production", "DATABASE_URL": "postgresql://x/y", "BROKER_ISSUER": "https://i"},
            "works only in development",
        ),
        ({"BROKER_ENVIRONMENT": "development", "BROKER_ISSUER": "https://i.example"}, "https://i.example"),
    ],
)
def test_outside_development_nothing_is_signed(
    here: Here, command: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    refused = here(*command, **environment)

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert said in refused.stderr


@pytest.mark.parametrize(
    "flags", [("--worker", ""), ("--worker", "x" * 121), ("--area", " "), ("--organisation", "a\nb")]
)
def test_a_token_the_service_would_not_take_is_not_made(
    here: Here, machine: dict[str, str], flags: tuple[str, str]
) -> None:
    refused = here("token", "practitioner", *flags, **machine)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "would not take" in refused.stderr


@pytest.mark.parametrize("url", [None, "postgresql://nobody:hunter2@/nothing?host=/nowhere"])
def test_without_a_database_there_is_a_sentence_and_no_password(here: Here, url: str | None, tmp_path: Path) -> None:
    named = {"DATABASE_URL": url} if url else {}

    refused = here("token", "practitioner", BROKER_ENVIRONMENT="development", DATA_DIR=str(tmp_path), **named)

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "referral-broker run" in refused.stderr
    assert "hunter2" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "token"),
        (("brew",), 2, "usage"),
        (("token",), 2, "ROLE"),
        (("token", "superuser"), 2, "invalid choice"),
        (("catalogue",), 2, "check"),
        (("openapi", "--check", "a", "--write", "b"), 2, "not allowed"),
        (("migrate",), 1, "BROKER_OWNER_DATABASE_URL"),
        (("run",), 1, "development"),
    ],
)
def test_a_command_given_wrongly_says_what_it_wants(
    here: Here, arguments: tuple[str, ...], code: int, said: str
) -> None:
    refused = here(
        *arguments, BROKER_ENVIRONMENT="production", DATABASE_URL="postgresql:///x", BROKER_ISSUER="http://i"
    )

    assert (refused.returncode, refused.stdout) == (code, "")
    assert said in refused.stderr


def test_every_command_of_the_table_can_be_run() -> None:
    modules = [importlib.import_module(f"service.commands.{module}") for module, _ in cli.COMMANDS.values()]

    assert all(callable(module.main) for module in modules)
    assert all(name in cli.usage() for name in cli.COMMANDS)


def test_migrating_twice_changes_nothing(here: Here, fresh_database: DatabaseUrls) -> None:
    codes = [here("migrate", BROKER_OWNER_DATABASE_URL=fresh_database.owner).returncode for _ in range(2)]

    assert codes == [0, 0]


def test_the_description_is_written_compared_and_the_same_every_time(tmp_path: Path) -> None:
    path = tmp_path / "openapi" / "openapi.json"

    assert descriptions.main(["--check", str(path)]) == 1
    assert descriptions.main(["--write", str(path)]) == 0
    assert descriptions.main(["--check", str(path)]) == 0
    assert json.loads(path.read_text(encoding="utf-8"))["openapi"].startswith("3.1")
    path.write_text(path.read_text(encoding="utf-8").replace("/v1/", "/v2/"), encoding="utf-8")
    assert descriptions.main(["--check", str(path)]) == 1


def test_the_banner_has_a_token_for_each_kind_of_caller_and_three_lines_to_paste(database_urls: DatabaseUrls) -> None:
    settings = Settings(environment="development", database_url=SecretStr(database_urls.application), port=8123)

    printed = runs.banner(settings)

    assert f"{ADDRESS}/docs" in printed
    assert printed.count("\ncurl ") == 3
    assert [role for role in Role if f"\n{role}\n" not in printed] == []
    assert printed.index("\nexport BROKER_ENVIRONMENT=development PORT=8123\n") < printed.index("\ncurl ")


async def test_a_new_key_can_end_every_earlier_token(
    fresh_database: DatabaseUrls,
) -> None:
    machine = {"BROKER_ENVIRONMENT": "development", "DATABASE_URL": fresh_database.application, "PORT": "8123"}
    before = broker("token", "practitioner", **machine).stdout.strip()

    kept = broker("rotate-key", **machine)
    assert (await caller_at(fresh_database, before)).worker == "p.demo"
    ended = broker("rotate-key", "--end-others", **machine)

    assert (kept.returncode, ended.returncode, ended.stdout) == (0, 0, "Every earlier token ends within a minute.\n")
    with pytest.raises(TokenRefused):
        await caller_at(fresh_database, before)
    after = broker("token", "practitioner", **machine).stdout.strip()
    assert (await caller_at(fresh_database, after)).worker == "p.demo"
