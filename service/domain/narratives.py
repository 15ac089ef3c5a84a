"""Narratives: written once, reworded or withheld for one recipient, and re-read by a person before they are sent."""

import difflib
import re
from typing import Any, NotRequired, TypedDict

from service.domain.profiles import Answer

WORDS = re.compile(r"\S+\s*|\s+")


class Variant(TypedDict):
    """A narrative reworded for one referral, or kept from its recipient with a reason."""

    text: NotRequired[Any]
    redacted_because: NotRequired[str]
    recorded_by: str
    recorded_at: str
    draft_revision: int


class Tick(TypedDict):
    """That somebody re-read a narrative for this referral: which revision of the master, and the words they read."""

    revision: int
    master: Any
    text: Any
    recorded_by: str
    recorded_at: str
    draft_revision: int


class Wording(TypedDict):
    """A run of words in a comparison: kept, removed or added."""

    change: str
    text: str


def words_for_recipient(answer: Answer, variant: Variant | None) -> Any:
    """Return what the recipient would read: the variant, else the master; None where it is kept from them."""
    if variant is None:
        return answer["value"]
    return variant.get("text")


def is_read(answer: Answer, variant: Variant | None, tick: Tick | None) -> bool:
    """Whether the words as they now stand have been re-read, and the master has not changed since."""
    if tick is None:
        return False
    return tick["revision"] == answer["revision"] and tick["text"] == words_for_recipient(answer, variant)


def read_now(answer: Answer, variant: Variant | None, *, by: str, at: str, draft_revision: int) -> Tick:
    """Return the tick of somebody who has just re-read the words as they stand."""
    return Tick(
        revision=answer["revision"],
        master=answer["value"],
        text=words_for_recipient(answer, variant),
        recorded_by=by,
        recorded_at=at,
        draft_revision=draft_revision,
    )


def compare_words(before: str, after: str) -> list[Wording]:
    """Return the word-level difference between two texts; the kept and added runs together give `after` exactly."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    wordings: list[Wording] = []
    for operation, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if operation == "equal":
            wordings.append(Wording(change="kept", text="".join(new[new_start:new_end])))
            continue
        if end > start:
            wordings.append(Wording(change="removed", text="".join(old[start:end])))
        if new_end > new_start:
            wordings.append(Wording(change="added", text="".join(new[new_start:new_end])))
    return wordings


def as_text(value: Any) -> str:
    """Return a narrative's words as one text: a list of sentences, one a line."""
    if isinstance(value, list):
        return "\n".join(as_text(row) for row in value)
    if isinstance(value, dict):
        return "\n".join(f"{name.replace('_', ' ')}: {as_text(part)}" for name, part in value.items())
    return "" if value is None else str(value)
