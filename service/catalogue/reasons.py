"""The coded reasons for what is done to a referral, and each pack's own words for where it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from service.catalogue.reading import LINE, Faults, plain, read_yaml
from service.errors import CatalogueInvalid

REASONS_FILE = Path(__file__).parent / "reasons.yaml"
PERSON_EVENTS = "person_events"
STATUSES = (
    *("draft", "submitted", "received", "query", "accepted", "rejected"),
    *("scheduled", "started", "completed", "withdrawn", "expired"),
)
# Every pack offers reasons for the first five; an acceptance has one only where the recipient says which.
ALWAYS_REASONED = ("rejection", "cancellation", "outcome", "reopening", "withdrawal")
REASONED = ("acceptance", *ALWAYS_REASONED)
PACK_KEYS = {"statuses", "reasons"}
WORD_KEYS = {"label", "verified"}
BLOCK_KEYS = {"source", "verified", "group", "needs_note", "reasons"}
REASON_KEYS = {"label", "needs_note", "theirs", "only_from"}


@dataclass(frozen=True, slots=True)
class Word:
    """A recipient's own word for a status, and whether a recipient's own material has it."""

    label: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """One coded reason: where it was read, whether it was checked, and when it may be given.

    `theirs` is the recipient's own code for it; an empty `only_from` means it is offered in any status.
    """

    code: str
    label: str
    source: str
    verified: bool
    group: str | None = None
    needs_note: bool = False
    theirs: str | None = None
    only_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackReasons:
    """One pack's words for the statuses, and its reasons by action and code."""

    statuses: Mapping[str, Word]
    actions: Mapping[str, Mapping[str, Reason]]

    def offered(self, action: str) -> Mapping[str, Reason]:
        """Return the reasons offered for an action; none where it takes none."""
        return self.actions.get(action, {})


@dataclass(frozen=True, slots=True)
class Reasons:
    """Every pack's reasons, and those of what happens to the person whatever the pack."""

    packs: Mapping[str, PackReasons]
    person_events: Mapping[str, Reason]

    def label(self, pack: str, action: str, code: str | None) -> str | None:
        """Return a reason in words: the pack's own for the action, else that of a person's event, else its code."""
        if code is None:
            return None
        reason = self.packs[pack].offered(action).get(code) or self.person_events.get(code)
        return reason.label if reason else code.replace("_", " ").capitalize()


@cache
def reasons() -> Reasons:
    """Return the reasons of this release, read once."""
    return load_reasons(REASONS_FILE)


def load_reasons(path: Path) -> Reasons:
    """Read the reasons from a file; CatalogueInvalid lists all that is wrong with them."""
    into: list[str] = []
    faults = Faults(path.name, into)
    content = read_yaml(path) or {LINE: 1}
    packs = {
        str(name): _pack(str(name), written, faults)
        for name, written in content.items()
        if name not in (LINE, PERSON_EVENTS)
    }
    person_events = _offered(content.get(PERSON_EVENTS), PERSON_EVENTS, faults)
    if into:
        raise CatalogueInvalid(into)
    return Reasons(packs, person_events)


def _pack(name: str, written: Mapping[str, Any], faults: Faults) -> PackReasons:
    faults.unknown_keys(written, PACK_KEYS, name)
    faults.required(written, tuple(PACK_KEYS), name)
    statuses, actions = written.get("statuses", {LINE: 0}), written.get("reasons", {LINE: 0})
    faults.unknown_keys(statuses, set(STATUSES), f"{name}.statuses")
    faults.required(statuses, STATUSES, f"{name}.statuses")
    faults.unknown_keys(actions, set(REASONED), f"{name}.reasons")
    faults.required(actions, ALWAYS_REASONED, f"{name}.reasons")
    return PackReasons(
        statuses={
            code: _word(word, f"{name}.statuses.{code}", faults) for code, word in statuses.items() if code != LINE
        },
        actions={
            action: _offered(blocks, f"{name}.reasons.{action}", faults)
            for action, blocks in actions.items()
            if action != LINE
        },
    )


def _word(written: Mapping[str, Any], key: str, faults: Faults) -> Word:
    faults.unknown_keys(written, WORD_KEYS, key)
    faults.required(written, tuple(WORD_KEYS), key)
    return Word(label=str(written.get("label", "")), verified=bool(plain(written.get("verified", False))))


def _offered(blocks: Iterable[Mapping[str, Any]] | None, key: str, faults: Faults) -> dict[str, Reason]:
    offered: dict[str, Reason] = {}
    for block in blocks or ():
        faults.unknown_keys(block, BLOCK_KEYS, key)
        faults.required(block, ("source", "verified", "reasons"), key)
        for reason in _of_block(block, key, faults):
            if reason.code in offered:
                faults.add(block[LINE], f"{key}.{reason.code}", "another block offers this reason")
            offered[reason.code] = reason
    return offered


def _of_block(block: Mapping[str, Any], key: str, faults: Faults) -> Iterator[Reason]:
    listed = block.get("reasons", {})
    for code, written in listed.items():
        if code == LINE:
            continue
        content = written if isinstance(written, dict) else {"label": written, LINE: listed[LINE]}
        faults.unknown_keys(content, REASON_KEYS, f"{key}.{code}")
        faults.required(content, ("label",), f"{key}.{code}")
        only_from = tuple(content.get("only_from", ()))
        for status in set(only_from) - set(STATUSES):
            faults.add(content[LINE], f"{key}.{code}.only_from", f"{status} is not a status")
        yield Reason(
            code=str(code),
            label=str(content.get("label", "")),
            source=str(block.get("source", "")),
            verified=bool(plain(block.get("verified", False))),
            group=block.get("group"),
            needs_note=bool(plain(content.get("needs_note", block.get("needs_note", False)))),
            theirs=content.get("theirs"),
            only_from=only_from,
        )
