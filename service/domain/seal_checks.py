"""Proves a record of access: every row as it was sealed, every seal linked to the one before, nothing lost or added."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.domain.seals import digest_of, hash_of, stub_claims

# Returns what a signature signed, or None where none of the keys made it.
Opened = Callable[[str, list[dict[str, Any]]], dict[str, Any] | None]
Record = Mapping[str, Any]
Claims = dict[str, Any]


class RecordBroken(Exception):
    """The record is not as it was sealed: where it first differs, and how."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass
class Proven:
    """What a record was found to hold."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    stubs: dict[str, Claims] = field(default_factory=dict)
    seals: dict[str, list[Claims]] = field(default_factory=dict)
    entries: int = 0
    waiting: int = 0
    head: int = 0
    head_hash: str | None = None
    # Rows from before this have had their day to be sealed.
    swept_until: str = ""


def prove(records: Iterable[Record], opened: Opened) -> Proven:
    """Return what a record holds, or raise RecordBroken for the first thing in it that is not as it was sealed.

    Records come as an export has them: keys, stubs, then each seal followed by its members, then rows without a seal.
    """
    proven = Proven()
    for kind, group in _grouped(records):
        if kind == "seal":
            _take_seal(proven, group[0], group[1:], opened)
        else:
            _take(proven, group[0], opened)
    for month, stub in proven.stubs.items():
        _check_stub(month, stub, proven.seals.get(month, []))
    return proven


def _grouped(records: Iterable[Record]) -> Iterator[tuple[str, list[Record]]]:
    """Give each record alone, but a seal together with its members."""
    seal: list[Record] = []
    for record in records:
        if record["kind"] == "member" and seal:
            seal.append(record)
            continue
        if seal:
            yield "seal", seal
            seal = []
        if record["kind"] == "seal":
            seal = [record]
        else:
            yield str(record["kind"]), [record]
    if seal:
        yield "seal", seal


def _take(proven: Proven, record: Record, opened: Opened) -> None:
    match record["kind"]:
        case "key":
            proven.keys.append(record["key"])
        case "stub":
            _take_stub(proven, record, opened)
        case "horizon":
            proven.swept_until = str(record["swept_until"])
        case "unsealed":
            _take_unsealed(proven, record["entry"])
        case "stray" | "member":
            raise RecordBroken(f"row {record['entry_id']}", "the seal that held it is missing")
        case _:
            raise RecordBroken("the record", "it holds a line of an unknown kind")


def _take_stub(proven: Proven, record: Record, opened: Opened) -> None:
    claims = opened(record["signature"], proven.keys)
    if claims is None or claims["month"] != record["month"]:
        raise RecordBroken(f"retired month {record['month']}", "its stub is not signed by the record's key")
    proven.stubs[claims["month"]] = claims


def _take_seal(proven: Proven, record: Record, members: list[Record], opened: Opened) -> None:
    where = f"seal {record['number']}"
    if record["number"] != proven.head + 1:
        raise RecordBroken(f"seal {proven.head + 1}", "it is missing")
    claims = opened(record["signature"], proven.keys)
    if claims is None:
        raise RecordBroken(where, "it is not signed by the record's key")
    if hash_of(claims) != record["hash"] or any(claims[name] != record[name] for name in ("number", "month")):
        raise RecordBroken(where, "it does not say what was signed")
    if claims["previous"] != proven.head_hash:
        raise RecordBroken(where, "it does not follow from the seal before it")
    if claims["month"] in proven.stubs:
        _check_retired(members)
    else:
        _check_members(where, claims, members)
    proven.seals.setdefault(claims["month"], []).append(claims)
    proven.entries += claims["entries"]
    proven.head, proven.head_hash = claims["number"], record["hash"]


def _check_retired(members: list[Record]) -> None:
    if members:
        raise RecordBroken(f"row {members[0]['entry_id']}", "it is in a month that was retired")


def _check_members(where: str, claims: Claims, members: list[Record]) -> None:
    for member in members:
        row, entry = f"row {member['entry_id']}", member["entry"]
        if entry is None:
            raise RecordBroken(row, f"it is missing, and {where} holds it")
        if hash_of(entry) != member["row_hash"]:
            raise RecordBroken(row, f"it was changed after {where} sealed it")
    if len(members) != claims["entries"] or digest_of(members) != claims["digest"]:
        raise RecordBroken(where, "its list of rows was changed")


def _take_unsealed(proven: Proven, entry: Mapping[str, Any]) -> None:
    month = entry["at"][:7]
    if entry["at"] < proven.swept_until or month in proven.stubs:
        raise RecordBroken(f"row {entry['id']}", "it has no seal, though rows of its time were sealed long ago")
    proven.waiting += 1


def _check_stub(month: str, stub: Claims, seals: list[Claims]) -> None:
    if stub_claims(month, seals, stub["retired_at"]) != stub:
        raise RecordBroken(f"retired month {month}", "its seals are not those it was retired with")
