"""What is sent: a referral frozen as its recipient reads it, and the differences between two such versions."""

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from service.catalogue.definitions import QuestionKind, Section
from service.domain.forms import form_rows
from service.domain.population import Entry, Populated

Snapshot = dict[str, Any]
REDACTED = "[redacted]"


def snapshot(
    populated: Populated, recipient: dict[str, Any], crn: str, today: datetime.date, checks_outstanding: Sequence[str]
) -> Snapshot:
    """Return the content of a version: every question asked, as the recipient reads it, with its provenance.

    `checks_outstanding` are the codes of the checks it is sent past; why the sender went on stays with the sender. A
    narrative kept from the recipient says so; neither its words nor the master of a reworded one are in it.
    """
    pack = populated.pack
    return {
        "pack": pack.name,
        "pack_version": pack.version,
        "label": pack.label,
        "crn": crn,
        "recipient": recipient,
        "checks_outstanding": list(checks_outstanding),
        "sections": [_section(section, populated) for section in pack.sections],
        "form": form_rows(populated, today),
    }


def _section(section: Section, populated: Populated) -> dict[str, Any]:
    entries = [populated.entries[question.id] for question in section.questions]
    return {
        "id": section.id,
        "label": section.label,
        "questions": [_question(entry) for entry in entries if entry.question.kind is not QuestionKind.INPUT],
    }


def _question(entry: Entry) -> dict[str, Any]:
    question, answer = entry.question, entry.answer
    shown: dict[str, Any] = {
        "id": question.id,
        "label": question.label,
        "kind": str(question.kind),
        "asked": entry.asked is True,
        "answered": entry.asked is True and entry.answered,
        "value": entry.value if entry.asked is True else None,
    }
    if shown["answered"] and answer is not None:
        shown |= {name: answer[name] for name in ("source", "as_of", "recorded_by", "recorded_at")}
    if shown["answered"] and entry.variant is not None:
        redacted = "redacted_because" in entry.variant
        shown["wording"] = "redacted" if redacted else "reworded"
    return shown


def digest(content: Snapshot) -> str:
    """Return the SHA-256 of a version's content in canonical form (sorted keys, no white space, UTF-8), as hex."""
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def differences(before: Snapshot, after: Snapshot) -> list[dict[str, Any]]:
    """Return what differs between two versions, question by question, in the later form's order."""
    old = {question["id"]: question for question in questions_of(before)}
    new = {question["id"]: question for question in questions_of(after)}
    changed = [
        {"question": name, "label": question["label"], "before": _said(old.get(name)), "after": _said(question)}
        for name, question in new.items()
        if _compared(old.get(name)) != _compared(question)
    ]
    gone = [
        {"question": name, "label": question["label"], "before": _said(question), "after": None}
        for name, question in old.items()
        if name not in new and _said(question) is not None
    ]
    return changed + gone


def questions_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every question of what was sent, whatever its section."""
    return [question for section in content["sections"] for question in section["questions"]]


def _said(question: dict[str, Any] | None) -> Any:
    if question is None or not question["answered"]:
        return None
    return REDACTED if _is_redacted(question) else question["value"]


def _compared(question: dict[str, Any] | None) -> tuple[bool, str]:
    """Return what is said as it is compared: true is not 1, and a text that reads like the mark is not redacted."""
    said = _said(question)
    return question is not None and said is not None and _is_redacted(question), _canonical(said)


def _is_redacted(question: dict[str, Any]) -> bool:
    return question.get("wording") == "redacted"
