"""Small referrals for the document tests, built from plain values."""

from datetime import UTC, date, datetime
from typing import Any

from service.documents.contents import (
    AnswerState,
    Entry,
    Narrative,
    Person,
    Provenance,
    ReferralContents,
    Section,
    ShortValue,
    Submission,
    Value,
)

SENT_AT = datetime(2026, 7, 14, 9, 5, tzinfo=UTC)


def make_entry(
    value: Value | str = "Yes, at home", label: str = "Where will the person live?", **changes: Any
) -> Entry:
    """Return an answered entry; a string becomes a short value."""
    shown = ShortValue(value) if isinstance(value, str) else value
    return Entry(label=label, state=AnswerState.ANSWERED, value=shown, **changes)


def make_gap(state: AnswerState, label: str = "Where will the person live?", note: str | None = None) -> Entry:
    """Return an entry that shows no answer."""
    return Entry(label=label, state=state, note=note)


def make_referral(*entries: Entry, **changes: Any) -> ReferralContents:
    """Return a submitted referral with the entries in one section; any field may be given instead."""
    fields: dict[str, Any] = {
        "marking": "OFFICIAL-SENSITIVE",
        "title": "Approved premises referral",
        "pack": "Approved premises",
        "pack_version": "1.2",
        "person": Person(name="Rowan Ashdown", crn="X320741", date_of_birth=date(1985, 3, 9)),
        "recipient": "Elm House",
        "status": "Submitted",
        "version": 2,
        "dated_at": SENT_AT,
        "submission": Submission(at=SENT_AT, by="J. Okafor"),
        "content_hash": "9f2c" * 16,
        "sections": (Section("Accommodation", entries or (make_entry(),)),),
    }
    return ReferralContents(**(fields | changes))


OASYS = Provenance(source="OASys", as_of=date(2026, 6, 1), recorded_by="J. Okafor")
STORY = Narrative.from_text("First paragraph.\n\nSecond paragraph.")
