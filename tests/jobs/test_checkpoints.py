"""What was told of the record of access outside the database shows that its newest seals were cut off, or rewritten."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg.types.json import Jsonb
from structlog.testing import capture_logs

from service import cli, observation
from service.access import seal_signatures
from service.db import Sessions
from service.jobs import sealing
from service.operations import audit_seals
from service.operations.audit_retirements import retire_month
from tests.clusters import DatabaseUrls
from tests.jobs.test_sealing import NOW, add, as_owner, sessions

__all__ = ["sessions"]

LATER = NOW + datetime.timedelta(minutes=1)


class Audit(Protocol):
    """Runs `referral-broker audit` and returns its exit code and all that it said."""

    def __call__(self, *arguments: str | Path) -> tuple[int, str]: ...


@pytest.fixture
def audit(fresh_database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Give the command, on the test's database."""
    monkeypatch.setenv("BROKER_ENVIRONMENT", "development")
    monkeypatch.setenv("DATABASE_URL", fresh_database.application)

    def run(*arguments: str | Path) -> tuple[int, str]:
        capsys.readouterr()
        code = cli.run_command("audit", [str(one) for one in arguments])
        said = capsys.readouterr()
        return code, (said.out + said.err).strip()

    return run


@pytest.fixture
async def log(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Path:
    """Seal four rows in two seals, and return the log of it, among whose lines are others."""
    monkeypatch.setattr(audit_seals, "ROWS_IN_A_SEAL", 2)
    await add(sessions, 60, 50, 40, 30)
    observation.configure_logs()
    await sealing.seal_all(sessions, NOW)
    kept = tmp_path / "service.log"
    kept.write_text('INFO: Started server process [1]\n{"event": "answered"}\n[]\n' + capsys.readouterr().err)
    return kept


@pytest.fixture
def checkpoint(log: Path, audit: Audit) -> Path:
    """Return a file with a checkpoint of those two seals."""
    code, line = audit("checkpoint")
    assert code == 0, line
    kept = log.with_name("checkpoints")
    kept.write_text(line + "\n")
    return kept


def cut_off(urls: DatabaseUrls, after: int) -> None:
    """Remove the newest seals with all that is in them, as a superuser can."""
    rows = "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_sealed WHERE seal > %s)"
    for statement in (rows, "DELETE FROM audit_sealed WHERE seal > %s", "DELETE FROM audit_seal WHERE number > %s"):
        as_owner(urls, statement, after)


def test_a_checkpoint_says_what_is_sealed_and_a_log_line_each_seal(log: Path, checkpoint: Path) -> None:
    told = json.loads(checkpoint.read_text())
    sealed = [json.loads(line) for line in log.read_text().splitlines() if '"sealed"' in line]

    assert set(told) == {"event", "version", "seal", "hash", "rows", "at", "key", "signature"}
    assert (told["event"], told["seal"], told["rows"]) == ("checkpoint", 2, 4)
    assert [set(line) for line in sealed] == [{"event", "level", "timestamp", "seal", "hash", "key"}] * 2
    assert [line["seal"] for line in sealed] == [1, 2]
    assert (sealed[1]["hash"], sealed[1]["key"]) == (told["hash"], told["key"])


async def test_a_seal_that_was_not_committed_is_not_logged(
    sessions: Sessions, fresh_database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(sessions, 60)
    as_owner(fresh_database, "REVOKE INSERT ON audit_seal FROM broker_app")
    with capture_logs() as lines, pytest.raises(psycopg.errors.InsufficientPrivilege):
        await sealing.seal_all(sessions, NOW)

    assert lines == []


@pytest.mark.parametrize("kind", ["checkpoints", "service.log"])
def test_newest_seals_cut_off_with_their_rows_show_by_a_checkpoint_and_by_nothing_else(
    checkpoint: Path, audit: Audit, fresh_database: DatabaseUrls, kind: str
) -> None:
    told = checkpoint.with_name(kind)
    code, said = audit("verify", "--checkpoint", told, "--checkpoint", checkpoint)
    assert (code, said.splitlines()[-1][:-2]) == (0, "Checkpoints it still holds: ")

    cut_off(fresh_database, after=1)

    assert audit("verify")[0] == 0
    code, said = audit("verify", "--checkpoint", told)
    assert (code, "seal 2: cut off: the checkpoint of " in said) == (1, True)
    export = checkpoint.with_name("export")
    assert audit("export", export)[0] == 0
    assert audit("verify", "--file", export)[0] == 0
    assert audit("verify", "--file", export, "--checkpoint", told) == (code, said)


def test_everything_cut_off_is_said_from_the_first_seal_to_the_last(
    log: Path, audit: Audit, fresh_database: DatabaseUrls
) -> None:
    cut_off(fresh_database, after=0)

    assert "seals 1 to 2: cut off" in audit("verify", "--checkpoint", log)[1]


async def test_seals_put_in_the_place_of_those_cut_off_show(
    checkpoint: Path, audit: Audit, sessions: Sessions, fresh_database: DatabaseUrls
) -> None:
    cut_off(fresh_database, after=1)
    await add(sessions, 10, 5, at=LATER)
    await sealing.seal_all(sessions, LATER)

    assert audit("verify")[0] == 0
    code, said = audit("verify", "--checkpoint", checkpoint)
    assert (code, "seal 2: rewritten, or one before it was" in said) == (1, True)


async def test_a_row_changed_under_a_chain_made_anew_by_the_same_key_shows(
    log: Path, audit: Audit, sessions: Sessions, fresh_database: DatabaseUrls
) -> None:
    for statement in (
        "UPDATE audit_entry SET worker_id = 'p.other'",
        "DELETE FROM audit_sealed",
        "DELETE FROM audit_seal",
    ):
        as_owner(fresh_database, statement)
    await sealing.seal_all(sessions, NOW)

    assert audit("verify")[0] == 0
    assert "seal 1: rewritten, or one before it was" in audit("verify", "--checkpoint", log)[1]


@pytest.mark.parametrize("kind", ["checkpoints", "service.log"])
def test_a_chain_signed_anew_with_another_key_shows(
    checkpoint: Path, audit: Audit, fresh_database: DatabaseUrls, kind: str
) -> None:
    new = seal_signatures.new_key()
    with psycopg.connect(fresh_database.owner.replace("+psycopg", "")) as owner:
        (old,) = owner.execute("SELECT jwk FROM signing_key WHERE kind = 'audit'").fetchone() or ()
        for number, signature in owner.execute("SELECT number, signature FROM audit_seal").fetchall():
            signed = seal_signatures.sign(seal_signatures.opened(signature, [old]) or {}, new)
            owner.execute("UPDATE audit_seal SET signature = %s WHERE number = %s", (signed, number))
        owner.execute("UPDATE signing_key SET kid = %s, jwk = %s WHERE kind = 'audit'", (new["kid"], Jsonb(new)))

    assert audit("verify")[0] == 0
    code, said = audit("verify", "--checkpoint", checkpoint.with_name(kind))
    assert (code, "signed by another key than the checkpoint of" in said, old["kid"] in said) == (1, True, True)


Change = Callable[[dict[str, object]], dict[str, object]]
CHANGES: dict[str, Change] = {
    "another hash": lambda told: told | {"hash": "0" * 64},
    "a later seal": lambda told: told | {"seal": 9},
    "fewer rows": lambda told: told | {"rows": 3},
    "another time": lambda told: told | {"at": "2020-01-01T00:00:00.000000Z"},
    "no signature at all": lambda told: told | {"signature": "a.b.c"},
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_checkpoint_that_the_record_s_key_did_not_sign_is_told_from_a_broken_record(
    checkpoint: Path, audit: Audit, kind: str
) -> None:
    checkpoint.write_text(json.dumps(CHANGES[kind](json.loads(checkpoint.read_text()))))

    code, said = audit("verify", "--checkpoint", checkpoint)

    assert (code, "is not signed by the record's key" in said) == (1, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "holds no checkpoint"),
        ('{"event": "answered"}', "holds no checkpoint"),
        ('{"event": "checkpoint", "seal": 2}', "line 1 is no whole checkpoint"),
        ('{"event": "sealed", "seal": "2", "hash": "", "key": "", "timestamp": ""}', "line 1 is no whole checkpoint"),
    ],
)
def test_a_file_that_proves_nothing_is_refused(checkpoint: Path, audit: Audit, line: str, said: str) -> None:
    checkpoint.write_text(line)

    code, told = audit("verify", "--checkpoint", checkpoint)

    assert (code, said in told) == (1, True)


def test_before_anything_is_sealed_there_is_no_checkpoint(audit: Audit, sessions: Sessions) -> None:
    assert audit("checkpoint") == (1, "Nothing was sealed yet, so there is nothing to hold on to.")


async def test_a_checkpoint_counts_retired_rows_and_one_from_before_still_holds(
    sessions: Sessions, fresh_database: DatabaseUrls, audit: Audit, tmp_path: Path
) -> None:
    following = NOW + datetime.timedelta(days=34)
    await add(sessions, 60, 50)
    await sealing.seal_all(sessions, NOW)
    before = audit("checkpoint")[1]
    await add(sessions, 0, at=following)
    await sealing.seal_all(sessions, following + datetime.timedelta(seconds=60))
    with psycopg.connect(fresh_database.owner.replace("+psycopg", "")) as owner:
        assert retire_month(owner, NOW.strftime("%Y-%m"), following) == 2
    kept = tmp_path / "checkpoints"
    kept.write_text(f"{before}\n{audit('checkpoint')[1]}\n")

    code, said = audit("verify", "--checkpoint", kept)

    assert (code, said.splitlines()[-1]) == (0, "Checkpoints it still holds: 2.")
    assert [json.loads(line)["rows"] for line in kept.read_text().splitlines()] == [2, 3]
