"""Asking, chasing and answering a check: what cannot be, what the profile then holds, and the words of a chaser."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from service.domain.ages import Age
from service.domain.calendar import british_day, days_after, months_after
from service.domain.checks import (
    Asked,
    CheckFacts,
    CheckKind,
    Result,
    learned_from,
)
from service.domain.disclosure import end_of
from service.domain.profiles import Answers, Change, given
from service.errors import FieldError

# The parts of a check that the profile holds besides what came back in words.
PARTS = ("asked_of", "requested_on", "chased_on", "answered_on", "result")
OUTSTANDING = "outstanding"


class How(StrEnum):
    """How an answer was chased."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"


def last_valid_day(answered_on: datetime.date, age: Age) -> datetime.date:
    """Return the last day on which an answer is fresh: exactly the maximum age is not too old."""
    return days_after(months_after(answered_on, age.months), age.days)


def faults_in_day(
    name: str, day: datetime.date, today: datetime.date, not_before: datetime.date | None = None
) -> list[FieldError]:
    """Return what is wrong with a day on which something was done: it is not to come, nor before the asking."""
    if day > today:
        return [FieldError(f"/{name}", "in-the-future", "This day is still to come.")]
    if not_before is not None and day < not_before:
        return [FieldError(f"/{name}", "before-asking", "This is before the check was asked for.")]
    return []


def faults_in_answer(
    result: Result, detail: str | None, *, answered_on: datetime.date, valid_until: datetime.date, age: Age
) -> list[FieldError]:
    """Return what is wrong with what came back: what is held must be said, and no answer stands for longer than `age`.

    Nothing found leaves nothing to say: words beside it would be read as what is held.
    """
    faults = []
    if result is Result.INFORMATION_HELD and detail is None:
        faults.append(FieldError("/detail", "missing", "Say what is held."))
    last = last_valid_day(answered_on, age)
    if not answered_on <= valid_until <= last:
        detail_of_fault = f"Name a day from {answered_on.isoformat()} to {last.isoformat()}."
        faults.append(FieldError("/valid_until", "out-of-range", detail_of_fault))
    return faults


def asking(kind: CheckKind, asked_of: str, asked_on: datetime.date, answers: Answers) -> list[Change]:
    """Return what asking changes in the profile; the last answer stands there until another one comes."""
    changes = [_said(kind, "asked_of", asked_of, asked_on), _said(kind, "requested_on", asked_on, asked_on)]
    if given(answers.get(kind.item("chased_on"))) is not None:
        changes.append(Change(kind.item("chased_on"), has_value=True))
    if given(answers.get(kind.item("answered_on"))) is None:
        changes.append(_said(kind, "result", OUTSTANDING, asked_on))
    return changes


def chasing(kind: CheckKind, chased_on: datetime.date) -> list[Change]:
    """Return what chasing changes in the profile."""
    return [_said(kind, "chased_on", chased_on, chased_on)]


def answering(
    kind: CheckKind, result: Result, detail: str | None, answered_on: datetime.date, answers: Answers
) -> list[Change]:
    """Return what an answer changes in the profile: what an earlier one said goes into the history."""
    changes = [_said(kind, "answered_on", answered_on, answered_on), _said(kind, "result", str(result), answered_on)]
    if detail is not None:
        changes.append(_said(kind, "detail", detail, answered_on))
    elif given(answers.get(kind.item("detail"))) is not None:
        changes.append(Change(kind.item("detail"), has_value=True))
    return changes


def _said(kind: CheckKind, part: str, value: str | datetime.date, as_of: datetime.date) -> Change:
    written = value.isoformat() if isinstance(value, datetime.date) else value
    return Change(kind.item(part), value=written, has_value=True, as_of=as_of)


@dataclass(frozen=True, slots=True)
class Chaser:
    """A message to send by hand: it names nobody and says nothing that is known of anybody."""

    to: str
    subject: str
    text: str


def chaser(
    kind: CheckKind, crn: str, asked_of: str, asked_on: datetime.date, chased_on: Sequence[datetime.date]
) -> Chaser:
    """Return the words that chase a check: what was asked, when, and how often since; never why, nor of whom."""
    since = ""
    if chased_on:
        days = ", ".join(_in_words(day) for day in sorted(set(chased_on)))
        since = f" We chased this on {days}."
    text = (
        f"On {_in_words(asked_on)} we asked you for a {kind.label} under our reference {crn}, "
        f"and have had no answer.{since}\n\n"
        "Please answer, or tell us by when you can. If the request did not reach you, say so and it is "
        "sent again.\n\n"
        "Please do not answer with details by ordinary email: use the way we agreed on for this kind of check."
    )
    return Chaser(asked_of, f"Reminder: {kind.label} asked for on {_in_words(asked_on)}, reference {crn}", text)


def _in_words(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def facts_of(stored: Mapping[str, Any]) -> CheckFacts:
    """Return what is on record about one person's checks, from what is stored (`service.store.checks`).

    A check may be asked through the service, or be recorded in the profile as asked elsewhere: the later one counts.
    """
    learned = [
        learned_from(
            one["item"],
            one["says"],
            recorded_at=_instant(one["recorded_at"]),
            as_of=datetime.date.fromisoformat(one["as_of"]),
            is_first=one["first"],
        )
        for one in stored["learned"]
    ]
    asked = {kind: _latest(stored["requests"].get(kind), stored["answers"], kind) for kind in CheckKind}
    return CheckFacts(
        learned=[one for one in learned if one is not None],
        asked={kind: one for kind, one in asked.items() if one is not None},
        referred_at=stored["referred_at"],
    )


def _latest(request: Mapping[str, Any] | None, answers: Answers, kind: CheckKind) -> Asked | None:
    profiled = _from_profile(answers, kind)
    if request is None or profiled is None:
        return _from_request(request) if request is not None else profiled
    asked = _from_request(request)
    asked_again_elsewhere = given(answers.get(kind.item("requested_on"))) is not None and profiled.on > asked.on
    return profiled if asked_again_elsewhere else _answered_elsewhere(asked, answers, kind)


def _from_request(request: Mapping[str, Any]) -> Asked:
    on, at = datetime.date.fromisoformat(request["asked_on"]), _instant(request["asked_at"])
    return Asked(
        at=min(at, end_of(on)),
        on=on,
        id=request["id"],
        of=request["asked_of"],
        chased_on=_day(request["chased_on"]),
        answered_on=_day(request["answered_on"]),
        result=request["result"],
        valid_until=_day(request["valid_until"]),
    )


def _answered_elsewhere(asked: Asked, answers: Answers, kind: CheckKind) -> Asked:
    """Return a request as answered by what the profile was told after it was asked, where that is later."""
    answered = given(answers.get(kind.item("answered_on")))
    if answered is None or _instant(answered["recorded_at"]) <= asked.at:
        return asked
    day = datetime.date.fromisoformat(answered["value"])
    if day < asked.on or (asked.answered_on is not None and day <= asked.answered_on):
        return asked
    return replace(asked, answered_on=day, result=_result(answers, kind), valid_until=None)


def _from_profile(answers: Answers, kind: CheckKind) -> Asked | None:
    requested, answered = (given(answers.get(kind.item(part))) for part in ("requested_on", "answered_on"))
    first = requested or answered
    if first is None:
        return None
    on = datetime.date.fromisoformat(first["value"])
    recorded_at = _instant(first["recorded_at"])
    is_answered = answered is not None and answered["value"] >= on.isoformat()
    chased, asked_of = (given(answers.get(kind.item(part))) for part in ("chased_on", "asked_of"))
    return Asked(
        at=recorded_at if british_day(recorded_at) == on else end_of(on),
        on=on,
        of=asked_of["value"] if asked_of else None,
        chased_on=_day(chased["value"]) if chased else None,
        answered_on=_day(answered["value"]) if answered is not None and is_answered else None,
        result=_result(answers, kind) if is_answered else None,
    )


def _result(answers: Answers, kind: CheckKind) -> str | None:
    result = given(answers.get(kind.item("result")))
    return result["value"] if result is not None else None


def _day(written: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(written) if written else None


def _instant(written: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(written).astimezone(datetime.UTC)
