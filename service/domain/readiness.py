"""Whether a draft may be sent: every reason against it at once, and what needs a recorded reason to go on."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.population import Entry, Populated, Reason
from service.domain.profiles import Answers, given
from service.errors import FieldError

DETAILS: dict[Reason, str] = {
    Reason.MISSING: "This has not been answered.",
    Reason.STALE: "This is too old: answer it again, or confirm that it still holds.",
    Reason.CONFLICTING: "A record system disagrees: say which is right.",
    Reason.UNREAD: "Re-read this for the recipient and tick it.",
    Reason.REFUSED: "The form does not accept this.",
}
# The two checks inspectors found missing, by the item that says when each was answered.
CHECKS = {
    "domestic_abuse_check": "domestic_abuse_check_answered_on",
    "child_safeguarding_check": "child_safeguarding_check_answered_on",
}
CHECK_CODES = frozenset(f"{check}_outstanding" for check in CHECKS)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to go on past only with a recorded reason: a check without an answer, a person not eligible.

    `item` is what to answer in the profile instead, where that would settle it.
    """

    code: str
    detail: str
    item: str | None = None


def reasons_against(populated: Populated) -> list[FieldError]:
    """Return every reason a draft cannot be sent yet, each pointing at its question; empty when it is ready."""
    faults = [fault for entry in populated.outstanding for fault in _faults_of(entry)]
    faults.extend(
        FieldError(
            f"/questions/{early.question}",
            str(Reason.TOO_EARLY),
            f"{early.reason} The first day it can be sent is {early.first_possible_on.isoformat()}.",
        )
        for early in populated.too_early
    )
    return faults


def _faults_of(entry: Entry) -> list[FieldError]:
    place = f"/questions/{entry.question.id}"
    faults = []
    for reason in entry.reasons:
        if reason is Reason.OVER_LENGTH:
            detail = f"This form takes {entry.question.max_length} characters: reword it for this referral."
            faults.append(FieldError(place, str(reason), detail))
        elif reason is Reason.REFUSED:
            refused = [refusal for refusal in entry.question.refused_when if refusal.code in entry.refusals]
            faults.extend(FieldError(place, refusal.code, refusal.reason) for refusal in refused)
        else:
            faults.append(FieldError(place, str(reason), DETAILS[reason]))
    return faults


def outstanding_checks(answers: Answers, oldest_fresh: str) -> list[Caution]:
    """Return a warning for each of the two checks that has no answer, or an answer too old to rely on."""
    warnings = []
    for check, item in CHECKS.items():
        answer = given(answers.get(item))
        name = check.replace("_", " ")
        if answer is None:
            warnings.append(Caution(f"{check}_outstanding", f"The {name} has not been answered.", item))
        elif str(answer["value"]) < oldest_fresh:
            warnings.append(Caution(f"{check}_outstanding", f"The {name} was answered too long ago to rely on.", item))
    return warnings


def unexplained(warnings: Collection[Caution], reasons: Mapping[str, str]) -> list[FieldError]:
    """Return a fault for each warning the sender has not given a reason to go on past."""
    return [
        FieldError(f"/reasons/{warning.code}", warning.code, f"{warning.detail} Give a reason to go on.")
        for warning in warnings
        if not reasons.get(warning.code, "").strip()
    ]


def first_possible_on(populated: Populated) -> datetime.date | None:
    """Return the first day every recipient window is open, or None when they all are."""
    return max((early.first_possible_on for early in populated.too_early), default=None)


def barred_rows(own: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return who must not receive a referral: rows of `name` and `reason`."""
    rows: list[dict[str, str]] = own.get("must_not_receive", {}).get("value") or []
    return rows


def must_not_receive(own: Mapping[str, Any], recipient: Mapping[str, str]) -> bool:
    """Whether a recipient stands on the referral's must-not-receive list, by id, organisation or name.

    The list is a hard block on sending and disclosing (design §5); it is compared without regard to case or spacing.
    """
    rows = barred_rows(own)
    barred = {" ".join(str(part).casefold().split()) for row in rows for part in row.values() if part}
    return any(" ".join(name.casefold().split()) in barred for name in recipient.values() if name)
