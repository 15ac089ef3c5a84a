"""`referral-broker audit`: proves the record of access offline, exports it, says what it holds, retires old months."""

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from service.access import seal_signatures
from service.commands.development import database_url
from service.domain.seal_checkpoints import Checkpoint, CheckpointUnreadable, confirm, read_checkpoints
from service.domain.seal_checks import Proven, RecordBroken, prove
from service.operations.audit_checkpoints import make_checkpoint
from service.operations.audit_retirements import retire_month
from service.operations.audit_seals import SWEPT_BACK
from service.refusals import StartUpRefused
from service.settings import load_settings, owner_database_url
from service.store import audit_exports

BROKEN = 1


def main(arguments: list[str]) -> int:
    """Do as asked; exit code 1 where the record is not as it was sealed, after naming the first row that is not."""
    asked = _parser().parse_args(arguments)
    try:
        sys.stdout.write(f"{asked.act(asked)}\n")
    except RecordBroken as broken:
        sys.stderr.write(f"The record of access is broken. {broken}.\n")
        return BROKEN
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="referral-broker audit", description=__doc__)
    acts = parser.add_subparsers(required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="prove that every row is as it was sealed, and none is missing")
    verify.add_argument("--file", type=Path, help="an export, in place of the database")
    verify.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="checkpoints, or a log with the sealer's lines: each must still be held (give it again for more)",
    )
    verify.add_argument("--key", metavar="KID", action="append", help="trust this key alone (give it again for more)")
    verify.set_defaults(act=_verify)
    checkpoint = acts.add_parser("checkpoint", help="print one signed line that says what is sealed, to keep elsewhere")
    checkpoint.set_defaults(act=_checkpoint)
    export = acts.add_parser("export", help="write the record with its seals and public keys, one JSON object a line")
    export.add_argument("file", metavar="FILE", type=Path)
    export.set_defaults(act=_export)
    retire = acts.add_parser("retire", help="drop a sealed month and leave a signed stub, as the tables' owner")
    retire.add_argument("month", metavar="YYYY-MM", type=_month)
    retire.set_defaults(act=_retire)
    return parser


def _month(given: str) -> str:
    return datetime.datetime.strptime(given, "%Y-%m").replace(tzinfo=datetime.UTC).strftime("%Y-%m")


def _verify(asked: argparse.Namespace) -> str:
    told = [one for path in asked.checkpoint for one in _told(path)]
    if asked.file is None:
        with _reading() as connection:
            proven = _proven(audit_exports.records(connection, SWEPT_BACK), asked.key)
    else:
        proven = _proven(_exported(asked.file), asked.key)
    confirmed = confirm(proven, told, partial(seal_signatures.opened, kind=seal_signatures.CHECKPOINT))
    keys = ", ".join(str(key["kid"]) for key in proven.keys) or "none"
    return (
        f"The record of access is whole: {proven.entries} rows in {proven.head} seals, "
        f"{len(proven.stubs)} months retired, {proven.waiting} rows waiting for their seal.\n"
        f"Last seal: {proven.head_hash or 'none'}. Keys: {keys}."
        + (f"\nCheckpoints it still holds: {confirmed}." if told else "")
    )


def _told(path: Path) -> list[Checkpoint]:
    """Return the checkpoints in a file: one without any would make a proof that proves nothing look like one."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            told = [*read_checkpoints(file)]
    except OSError as trouble:
        raise StartUpRefused(f"{path} cannot be read: {trouble.strerror}.") from None
    except CheckpointUnreadable as unreadable:
        raise StartUpRefused(f"{path}: {unreadable}.") from None
    if not told:
        raise StartUpRefused(f"{path} holds no checkpoint.")
    return told


def _checkpoint(_: argparse.Namespace) -> str:
    with _reading() as connection:
        return make_checkpoint(connection, datetime.datetime.now(datetime.UTC))


def _proven(records: Iterator[dict[str, Any]], trusted: list[str] | None) -> Proven:
    """Prove a record by the keys in it, or by those named: whoever forges a record forges its keys as well."""
    taken = (
        record
        for record in records
        if record["kind"] != "key" or trusted is None or record["key"].get("kid") in trusted
    )
    return prove(taken, seal_signatures.opened)


def _export(asked: argparse.Namespace) -> str:
    with _reading() as connection, asked.file.open("x", encoding="utf-8") as file:
        for record in audit_exports.records(connection, SWEPT_BACK):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return f"The record of access is written to {asked.file}."


def _exported(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _retire(asked: argparse.Namespace) -> str:
    with psycopg.connect(owner_database_url().replace("+psycopg", "", 1)) as connection:
        rows = retire_month(connection, asked.month, datetime.datetime.now(datetime.UTC))
    return f"{rows} rows of {asked.month} are retired."


@contextmanager
def _reading() -> Iterator[psycopg.Connection[Any]]:
    """Open a connection that can change nothing and sees one instant of the record throughout."""
    url = database_url(load_settings())
    try:
        with psycopg.connect(url, options="-c default_transaction_read_only=on -c timezone=UTC") as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
    except psycopg.OperationalError:
        raise StartUpRefused("The database does not answer: start `referral-broker run` first.") from None
