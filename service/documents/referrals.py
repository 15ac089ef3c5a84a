"""A referral's content as a document's: each answer in words, each question asked or not, in the form's order."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from service.catalogue import values
from service.catalogue.definitions import Pack, QuestionKind
from service.catalogue.inventories import NO_FORM
from service.catalogue.reasons import reasons
from service.documents.contents import (
    AnswerState,
    Change,
    Entry,
    Narrative,
    Person,
    Provenance,
    ReferralContents,
    Section,
    ShortValue,
    Submission,
    Value,
    ValueList,
    ValueTable,
    YesNo,
)

MARKING = "OFFICIAL-SENSITIVE"
REWORDED = "Reworded for this referral."


def referral_contents(
    content: Mapping[str, Any],
    pack: Pack,
    referral: Mapping[str, Any],
    version: Mapping[str, Any] | None,
    now: datetime.datetime,
) -> ReferralContents:
    """Return a document's contents from a snapshot (what was sent, or a draft's as it would be sent).

    `version` is the stored version's row, or None for a draft, which is then marked so and dated `now`. One whose
    `differences` are None, as a provider reads it, is compared with none before it.
    """
    dated_at: datetime.datetime = version["submitted_at"] if version else now
    recipient = referral["recipient_name"] or "Not yet named"
    return ReferralContents(
        marking=MARKING,
        title=f"{pack.label} referral",
        pack=_form_in_words(pack),
        pack_version=pack.version,
        person=person_of(content, referral["crn"]),
        recipient=recipient,
        status=_status_in_words(pack, referral["status"]),
        version=version["number"] if version else 0,
        dated_at=dated_at,
        sections=tuple(_section(section, pack, recipient) for section in content["sections"]),
        submission=Submission(at=dated_at, by=version["submitted_by"]) if version else None,
        content_hash=version["digest"] if version else None,
        changes=_changes(version, pack) if version and _is_compared(version) else None,
        checks_outstanding=tuple(map(_check_in_words, content.get("checks_outstanding", ()))),
    )


def _is_compared(version: Mapping[str, Any]) -> bool:
    return version["number"] > 1 and version["differences"] is not None


def _form_in_words(pack: Pack) -> str:
    """Return a pack's label, and the short name its form goes by where the label does not hold it."""
    is_said = pack.form == NO_FORM or pack.form in pack.label.lower()
    return pack.label if is_said else f"{pack.label} ({pack.form.upper()})"


def _status_in_words(pack: Pack, status: str) -> str:
    words = reasons().packs.get(pack.name)
    own = words.statuses.get(status) if words else None
    return own.label if own else status.replace("_", " ").capitalize()


def _check_in_words(code: str) -> str:
    return code.removesuffix("_outstanding").replace("_", " ")


def person_of(content: Mapping[str, Any], crn: str) -> Person:
    """Return the header's person from what the referral itself says; the CRN stands for a name it does not hold."""
    said = {
        question["id"]: question["value"]
        for section in content["sections"]
        for question in section["questions"]
        if question.get("answered")
    }
    named = [said[item] for item in ("given_names", "family_name") if item in said]
    born = said.get("date_of_birth")
    return Person(
        name=" ".join(named) or crn, crn=crn, date_of_birth=datetime.date.fromisoformat(born) if born else None
    )


def _section(section: Mapping[str, Any], pack: Pack, recipient: str) -> Section:
    return Section(section["label"], tuple(_entry(question, pack, recipient) for question in section["questions"]))


def _entry(question: Mapping[str, Any], pack: Pack, recipient: str) -> Entry:
    if "withheld" in question:
        return Entry(question["label"], AnswerState.WITHHELD)
    if question.get("wording") == "redacted":
        return Entry(question["label"], AnswerState.REDACTED)
    if not question["asked"]:
        return Entry(question["label"], AnswerState.NOT_APPLICABLE)
    if not question["answered"]:
        return Entry(question["label"], AnswerState.UNANSWERED)
    return Entry(
        label=question["label"],
        state=AnswerState.ANSWERED,
        value=_answer(question, pack, recipient),
        provenance=_provenance(question),
        note=REWORDED if question.get("wording") == "reworded" else None,
    )


def _answer(question: Mapping[str, Any], pack: Pack, recipient: str) -> Value:
    if pack.by_id[question["id"]].kind is QuestionKind.RECIPIENT:  # its value is an id, which means nothing to a reader
        return ShortValue(recipient)
    return in_words(pack.by_id[question["id"]].value, question["value"])


def _provenance(question: Mapping[str, Any]) -> Provenance | None:
    if "source" not in question:
        return None
    as_of = datetime.date.fromisoformat(question["as_of"])
    return Provenance(question["source"], as_of, question.get("recorded_by"))


def _changes(version: Mapping[str, Any], pack: Pack) -> tuple[Change, ...]:
    return tuple(
        Change(
            difference["label"],
            before=_one_line(pack, difference["question"], difference["before"]),
            after=_one_line(pack, difference["question"], difference["after"]),
        )
        for difference in version["differences"]
    )


def _one_line(pack: Pack, question: str, value: Any) -> str | None:
    if value is None:
        return None
    known = pack.by_id.get(question)
    return as_line(known.value, value) if known and value != "[redacted]" else str(value)


def in_words(kind: values.Value, value: Any) -> Value:
    """Return an answer as a document sets it: paragraphs, one line, a list, a table, or yes and no."""
    setting = _SETTINGS.get(kind.kind)
    return setting(kind, value) if setting is not None else ShortValue(as_line(kind, value))


def _parts(kind: values.Value, value: Mapping[str, Any]) -> Value:
    parts = [(part.label or name, as_line(part, value[name])) for name, part in kind.fields.items() if name in value]
    return ValueTable(("What", "Answer"), tuple(parts)) if parts else ShortValue("None")


def _levels(kind: values.Value, value: Mapping[str, str]) -> Value:
    keys = kind.definition["keys"]
    return ValueTable(("For", "Level"), tuple((keys[key], kind.options[code]) for key, code in value.items()))


def _rows(kind: values.Value, rows: list[Any]) -> Value:
    of = kind.of
    if not rows or of is None:
        return ShortValue("None")
    if of.kind != "object":
        return ValueList(tuple(as_line(of, row) for row in rows))
    headings = tuple(part.label or name.replace("_", " ").capitalize() for name, part in of.fields.items())
    cells = tuple(
        tuple(as_line(part, row[name]) if name in row else "" for name, part in of.fields.items()) for row in rows
    )
    return ValueTable(headings, cells)


_SETTINGS: dict[str, Callable[[values.Value, Any], Value]] = {
    "text": lambda _, value: Narrative.from_text(value),
    "boolean": lambda _, value: YesNo(value),
    "choices": lambda kind, value: ValueList(tuple(kind.options.get(code, code) for code in value)),
    "list": _rows,
    "object": _parts,
    "choice_by": _levels,
}


def as_line(kind: values.Value, value: Any) -> str:
    """Return an answer as one piece of text, for a table's cell or a difference."""
    line = _LINES.get(kind.kind)
    return str(line(kind, value)) if line is not None else str(value)


def _duration(_: values.Value, value: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {part if number != 1 else part[:-1]}" for part, number in value.items() if number)


def _list(kind: values.Value, rows: list[Any]) -> str:
    return "; ".join(as_line(kind.of, row) for row in rows if kind.of is not None) or "None"


_LINES: dict[str, Callable[[values.Value, Any], str]] = {
    "boolean": lambda _, value: "Yes" if value else "No",
    "date": lambda _, value: in_full(datetime.date.fromisoformat(value)),
    "choice": lambda kind, value: kind.options.get(value, value),
    "choices": lambda kind, value: ", ".join(kind.options.get(code, code) for code in value),
    "duration": _duration,
    "list": _list,
    "object": lambda kind, value: ", ".join(
        as_line(part, value[name]) for name, part in kind.fields.items() if name in value
    ),
    "choice_by": lambda kind, value: ", ".join(
        f"{kind.definition['keys'][key]}: {kind.options[code]}" for key, code in value.items()
    ),
}


def in_full(day: datetime.date) -> str:
    """Return a date as it is written in a letter: 3 March 2027."""
    return f"{day.day} {day:%B %Y}"
