"""A referral's contents put into words, once, so that the PDF and the web page say exactly the same."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache, partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.documents.contents import (
    AnswerState,
    Change,
    Entry,
    Narrative,
    Provenance,
    ReferralContents,
    Section,
    ShortValue,
    Value,
    ValueList,
    ValueTable,
    YesNo,
)

Plain = str | Sequence["Plain"] | Mapping[str, "Plain"]
Outline = dict[str, Plain]

STATE_WORDS = {
    AnswerState.UNANSWERED: "Not answered",
    AnswerState.NOT_APPLICABLE: "Not applicable",
    AnswerState.WITHHELD: "Withheld",
    AnswerState.REDACTED: "Redacted",
}
_STATE_MEANINGS = {
    AnswerState.UNANSWERED: "the question applies, and nobody has answered it yet.",
    AnswerState.NOT_APPLICABLE: "the question does not apply to this person or this referral.",
    AnswerState.WITHHELD: "this reader is not shown the answer; that says nothing about whether there is one.",
    AnswerState.REDACTED: "the practitioner removed the answer from this referral.",
}
_BLANK = "Left blank"
_EMPTY = "None listed"
_NO_QUESTIONS = "No questions in this section."


def outline_referral(referral: ReferralContents, *, with_provenance: bool, collapsed: bool = False) -> Outline:
    """Return the document's text as nested plain values, the shape both templates read.

    Collapsed, what does not apply is named and no more: a section's questions in one paragraph at its end, and a
    section where nothing applies by its title.
    """
    outlined = partial(_collapsed_section if collapsed else _section, with_provenance=with_provenance)
    return {
        "title": referral.title,
        "marking": referral.marking,
        "recipient": referral.recipient,
        "crn": referral.person.crn,
        "standing": _standing(referral),
        "facts": _pairs(_facts(referral)),
        "cautions": [_caution(referral, check) for check in referral.checks_outstanding],
        "content_hash": referral.content_hash or "",
        "tally": _tally(referral.sections),
        "meanings": _pairs(_meanings(referral.sections)),
        "has_changes": "" if referral.changes is None else "yes",
        "changes": [_change(change) for change in referral.changes or ()],
        "sections": [outlined(section) for section in referral.sections],
    }


def _standing(referral: ReferralContents) -> str:
    if referral.submission is None:
        return "Draft, not submitted"
    return f"{referral.status} · version {referral.version}"


def _facts(referral: ReferralContents) -> Iterable[tuple[str, str]]:
    person = referral.person
    yield "Name", person.name
    yield "CRN", person.crn
    yield "Date of birth", _day(person.date_of_birth) if person.date_of_birth else STATE_WORDS[AnswerState.UNANSWERED]
    yield from person.details
    yield "To", referral.recipient
    yield "Form", f"{referral.pack}, version {referral.pack_version}"
    yield "Status", referral.status
    if referral.submission is None:
        yield "As it stood on", _instant(referral.dated_at)
    else:
        yield "Referral version", str(referral.version)
        yield "Submitted", f"{_instant(referral.submission.at)}, by {referral.submission.by}"


def _caution(referral: ReferralContents, check: str) -> str:
    # Its code is all that is kept: it does not tell a check never answered from one answered too long ago.
    if referral.submission is None:
        return f"The {check} is not answered, or was answered too long ago to rely on."
    return f"Sent while the {check} was not answered, or had been answered too long ago to rely on."


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Plain]:
    return [{"label": label, "text": text} for label, text in pairs]


def _tally(sections: Iterable[Section]) -> str:
    states = Counter(entry.state for section in sections for entry in section.entries)
    total = states.total()
    if not total:
        return "This document holds no questions."
    parts = [f"{states[AnswerState.ANSWERED]} answered"]
    parts += [f"{states[state]} {words.lower()}" for state, words in STATE_WORDS.items() if states[state]]
    return f"{total} {'question' if total == 1 else 'questions'}: {', '.join(parts)}."


def _meanings(sections: Iterable[Section]) -> Iterable[tuple[str, str]]:
    used = {entry.state for section in sections for entry in section.entries}
    return ((STATE_WORDS[state], meaning) for state, meaning in _STATE_MEANINGS.items() if state in used)


def _change(change: Change) -> Outline:
    unanswered = STATE_WORDS[AnswerState.UNANSWERED]
    return {
        "label": change.label,
        "before": unanswered if change.before is None else change.before or _BLANK,
        "after": unanswered if change.after is None else change.after or _BLANK,
    }


def _section(section: Section, *, with_provenance: bool) -> Outline:
    entries = [_entry(entry, with_provenance=with_provenance) for entry in section.entries]
    return {"title": section.title, "entries": entries, "remark": "" if entries else _NO_QUESTIONS}


def _collapsed_section(section: Section, *, with_provenance: bool) -> Outline:
    applying = [entry for entry in section.entries if entry.state is not AnswerState.NOT_APPLICABLE]
    others = [entry.label for entry in section.entries if entry.state is AnswerState.NOT_APPLICABLE]
    if not others:
        return _section(section, with_provenance=with_provenance)
    if not applying:
        return {"title": f"{section.title}: nothing here applies", "entries": [], "remark": ""}
    shown = _section(Section(section.title, tuple(applying)), with_provenance=with_provenance)
    return shown | {"remark": f"{STATE_WORDS[AnswerState.NOT_APPLICABLE]}: {' · '.join(others)}"}


def _entry(entry: Entry, *, with_provenance: bool) -> Outline:
    notes = [entry.note] if entry.note else []
    if with_provenance and entry.provenance is not None:
        notes.append(_provenance(entry.provenance))
    return {"label": entry.label, "notes": notes, "state": entry.state.value} | _shown(entry)


def _shown(entry: Entry) -> Outline:
    if entry.value is None:
        return {"shape": "text", "paragraphs": [STATE_WORDS[entry.state]]}
    return outline_value(entry.value)


def outline_value(value: Value) -> Outline:
    """Return a value's text in one of three shapes: paragraphs, bullets, or rows under headings."""
    match value:
        case Narrative(paragraphs):
            return {"shape": "text", "paragraphs": [part for part in paragraphs if part.strip()] or [_BLANK]}
        case ShortValue(text):
            return {"shape": "text", "paragraphs": [text if text.strip() else _BLANK]}
        case YesNo(is_yes):
            return {"shape": "text", "paragraphs": ["Yes" if is_yes else "No"]}
        case ValueList(values) if values:
            return {"shape": "list", "bullets": list(values)}
        case ValueTable(headings, rows) if rows:
            return {"shape": "table", "headings": list(headings), "rows": [list(row) for row in rows]}
        case ValueList() | ValueTable():
            return {"shape": "text", "paragraphs": [_EMPTY]}


def _provenance(provenance: Provenance) -> str:
    parts = [f"Source: {provenance.source}"]
    if provenance.as_of is not None:
        parts.append(f"as of {_day(provenance.as_of)}")
    if provenance.recorded_by is not None:
        parts.append(f"recorded by {provenance.recorded_by}")
    return ", ".join(parts) + "."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _instant(instant: datetime) -> str:
    local = instant.astimezone(_reader_time())
    return f"{_day(local)} at {local:%H:%M} {local.tzname()}"


@cache
def _reader_time() -> tzinfo:
    """Return British time, or UTC on a machine without the time zone database: the page names the zone either way."""
    try:
        return ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        return UTC
