"""What the record of access was known to hold, kept outside the database; and whether a proven record still holds it.

Whoever holds the database can cut the newest seals off with their rows, or write a new chain, and what is left proves
itself. What was told elsewhere before then does not change with it: a checkpoint, which is signed, or a log line of the
sealer, which is as good as the place the log is kept at.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.seal_checks import Opened, Proven, RecordBroken
from service.domain.seals import VERSION, hash_of

CHECKPOINT, SEALED = "checkpoint", "sealed"


class CheckpointUnreadable(Exception):
    """A line says that it is a checkpoint, and lacks what one says."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One seal as it was told: its hash, the key then in use, when; in a signed one also the rows sealed until then."""

    seal: int
    hash: str
    key: str
    at: str
    rows: int | None = None
    signature: str | None = None


def checkpoint_claims(seal: int, digest: str, rows: int, at: str) -> dict[str, Any]:
    """Return what a checkpoint signs: the last seal, its hash, how many rows are sealed, and when that was so."""
    return {"version": VERSION, "seal": seal, "hash": digest, "rows": rows, "at": at}


def checkpoint_line(claims: Mapping[str, Any], key: str, signature: str) -> str:
    """Return a checkpoint as the one line that is kept."""
    return json.dumps({"event": CHECKPOINT, **claims, "key": key, "signature": signature})


def read_checkpoints(lines: Iterable[str]) -> Iterator[Checkpoint]:
    """Give the checkpoints among lines, which may be a log's: any other line is passed over; CheckpointUnreadable."""
    for number, line in enumerate(lines, 1):
        told = _object(line)
        if told.get("event") in {CHECKPOINT, SEALED}:
            yield _checkpoint(told, number)


def _object(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _checkpoint(told: dict[str, Any], number: int) -> Checkpoint:
    is_signed = told["event"] == CHECKPOINT
    wanted: dict[str, type] = {"seal": int, "hash": str, "key": str, "at" if is_signed else "timestamp": str}
    if is_signed:
        wanted |= {"rows": int, "signature": str}
    for name, kind in wanted.items():
        if type(told.get(name)) is not kind:
            raise CheckpointUnreadable(f"line {number} is no whole checkpoint: its {name} is missing or is no {kind}")
    at = told["at"] if is_signed else told["timestamp"]
    signed = {name: told[name] for name in ("rows", "signature")} if is_signed else {}
    return Checkpoint(told["seal"], told["hash"], told["key"], at, **signed)


def confirm(proven: Proven, checkpoints: Iterable[Checkpoint], opened: Opened) -> int:
    """Find every checkpoint in a proven record and return how many there were; `opened` opens their signatures.

    RecordBroken names the first seal that was signed anew or rewritten, else those that were cut off.
    """
    told = sorted(checkpoints, key=lambda one: one.seal)
    held = _held(proven, {one.seal for one in told})
    for one in told:
        _check_key(proven, one, opened)
        if one.seal in held:
            _check_seal(one, *held[one.seal])
    if told and (last := told[-1]).seal > proven.head:
        first = proven.head + 1
        where = f"seal {first}" if first == last.seal else f"seals {first} to {last.seal}"
        raise RecordBroken(where, f"cut off: the checkpoint of {last.at} holds more than the record")
    return len(told)


def _held(proven: Proven, wanted: set[int]) -> dict[int, tuple[str, int]]:
    """Return the hash of each seal that is wanted, and how many rows were sealed with it and before it."""
    held, rows = {}, 0
    for claims in sorted((one for month in proven.seals.values() for one in month), key=lambda one: one["number"]):
        rows += claims["entries"]
        if claims["number"] in wanted:
            held[claims["number"]] = (hash_of(claims), rows)
    return held


def _check_key(proven: Proven, told: Checkpoint, opened: Opened) -> None:
    where = f"seal {told.seal}"
    if told.key not in {key["kid"] for key in proven.keys}:
        raise RecordBroken(where, f"signed by another key than the checkpoint of {told.at} names, {told.key}")
    if told.signature is None:
        return
    claims = checkpoint_claims(told.seal, told.hash, told.rows or 0, told.at)
    if opened(told.signature, [key for key in proven.keys if key["kid"] == told.key]) != claims:
        raise RecordBroken(where, f"the checkpoint of {told.at} is not signed by the record's key {told.key}")


def _check_seal(told: Checkpoint, digest: str, rows: int) -> None:
    where = f"seal {told.seal}"
    if digest != told.hash:
        raise RecordBroken(where, f"rewritten, or one before it was, after the checkpoint of {told.at}")
    if told.rows not in {None, rows}:
        raise RecordBroken(where, f"{rows} rows are sealed by then, and the checkpoint of {told.at} says {told.rows}")
