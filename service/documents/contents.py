"""What a referral document says, as plain values: already decided, already disclosed, ready to be set on a page."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


class AnswerState(StrEnum):
    """How a question stands for this reader; each has its own words on the page, never only a colour."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    NOT_APPLICABLE = "not_applicable"
    WITHHELD = "withheld"
    REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class Narrative:
    """Text in paragraphs; a line end inside a paragraph is kept."""

    paragraphs: tuple[str, ...]

    @classmethod
    def from_text(cls, text: str) -> "Narrative":
        """Split text as it was typed at its blank lines."""
        parts = _BLANK_LINES.split(_LINE_ENDS.sub("\n", text).strip("\n"))
        return cls(tuple(part for part in parts if part.strip()))


@dataclass(frozen=True, slots=True)
class ShortValue:
    """One value on one line: a date, a choice's label, a name."""

    text: str


@dataclass(frozen=True, slots=True)
class ValueList:
    """Several values of equal standing, in the order given."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueTable:
    """Rows under column headings, such as adjudications or licence conditions."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a row that does not fit its headings: a value under the wrong heading is a false statement."""
        if not self.headings:
            raise ValueError("A table needs at least one heading.")
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError("Every row of a table has one cell for each heading.")


@dataclass(frozen=True, slots=True)
class YesNo:
    """A question answered by yes or no."""

    is_yes: bool


Value = Narrative | ShortValue | ValueList | ValueTable | YesNo


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from; printed only when the reader asks for it."""

    source: str
    as_of: date | None = None
    recorded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One question and what this reader may see of its answer; the note ("Reworded for this referral") is for them."""

    label: str
    state: AnswerState
    value: Value | None = None
    provenance: Provenance | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse a value or a source beside any state but *answered*: a withheld answer must not reach the page."""
        if (self.state is AnswerState.ANSWERED) != (self.value is not None):
            raise ValueError("An entry has a value exactly when it is answered.")
        if self.provenance is not None and self.value is None:
            raise ValueError("An entry without a value has no provenance.")


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of questions, in the recipient's own order."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Who the referral is about; `details` are further lines of the header as (label, value)."""

    name: str
    crn: str
    date_of_birth: date | None = None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """Who sent the referral, and when (an aware instant)."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that differs from the version sent before; None stands for *not answered*."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ReferralContents:
    """A referral as one reader may see it, complete for rendering.

    `dated_at` is the document's own instant — the submission's, or the moment a draft's document was made — and is all
    the clock there is: equal contents give equal bytes. A draft's `version` is not shown. `changes` is None when there
    is no earlier version to compare with. `checks_outstanding` names in words the checks nobody has answered in time.
    """

    marking: str
    title: str
    pack: str
    pack_version: str
    person: Person
    recipient: str
    status: str
    version: int
    dated_at: datetime
    sections: tuple[Section, ...]
    submission: Submission | None = None
    content_hash: str | None = None
    changes: tuple[Change, ...] | None = None
    checks_outstanding: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an unmarked or untitled document, and any instant that does not say its time zone."""
        if not self.marking.strip() or not self.title.strip():
            raise ValueError("A document has a marking and a title.")
        instants = [self.dated_at] + ([self.submission.at] if self.submission else [])
        if any(instant.utcoffset() is None for instant in instants):
            raise ValueError("A document's instants are aware of their time zone.")
