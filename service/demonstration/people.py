"""Reading the invented cases: their dates are given from today, so that they never go stale."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from service.domain.calendar import months_after

FOLDER = Path(__file__).parent
MOMENT = r"(?:today|[+-]\d+ (?:day|week|month|year)s?)(?: (?:mon|tues|wednes|thurs|fri)day)?"
WHOLE = re.compile(rf"^{MOMENT}$")
WITHIN = re.compile(rf"\{{({MOMENT})\}}")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True, slots=True)
class WantedReferral:
    """A referral a case wants: its pack, its recipient, and what tells it apart from another of the same pack."""

    pack: str
    recipient: str
    service_category: str | None = None

    @property
    def name(self) -> str:
        """How the case file names the referral's own answers."""
        return f"{self.pack}:{self.service_category}" if self.service_category else self.pack


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one record system holds, as of a day."""

    system: str
    as_of: datetime.date
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DemonstrationCase:
    """One invented person: what record systems hold, what the practitioner knows, which referrals are wanted.

    `move_on` are those to forms of our own, for the home afterwards; they stand in no figure about the real forms.
    """

    name: str
    title: str
    crn: str
    region: str
    wanted: tuple[WantedReferral, ...]
    move_on: tuple[WantedReferral, ...]
    recorded: tuple[Recorded, ...]
    known: Mapping[str, Any]
    known_as_of: Mapping[str, datetime.date]
    own: Mapping[str, Mapping[str, Any]]
    screening: Mapping[str, Any] | None
    stay: Mapping[str, Any] | None = None
    stay_notes: tuple[Mapping[str, Any], ...] = ()


def read_cases(today: datetime.date) -> list[DemonstrationCase]:
    """Return the cases in the order of their files, every date counted from today."""
    return [_case(path, today) for path in sorted((FOLDER / "people").glob("*.yaml"))]


def read_list(name: str) -> list[dict[str, Any]]:
    """Return a list of reference data: `recipients`, `workers`, `providers` and so on."""
    content: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def _case(path: Path, today: datetime.date) -> DemonstrationCase:
    content = dated(yaml.safe_load(path.read_text(encoding="utf-8")), today)
    return DemonstrationCase(
        name=path.stem,
        title=content["title"],
        crn=content["crn"],
        region=content["region"],
        wanted=tuple(WantedReferral(**wanted) for wanted in content["wanted"]),
        move_on=tuple(WantedReferral(**wanted) for wanted in content.get("move_on", ())),
        recorded=tuple(
            Recorded(entry["system"], datetime.date.fromisoformat(entry["as_of"]), entry["answers"])
            for entry in content["record_systems"]
        ),
        known=content["practitioner"],
        known_as_of={
            item: datetime.date.fromisoformat(day) for item, day in content.get("practitioner_as_of", {}).items()
        },
        own=content["referrals"],
        screening=content.get("screening"),
        stay=content.get("stay"),
        stay_notes=tuple(content.get("stay_notes", ())),
    )


def dated(content: Any, today: datetime.date) -> Any:
    """Return content with its moments as dates: `+7 months` alone as ISO text, `{+7 months}` in a text in words."""
    if isinstance(content, dict):
        return {key: dated(value, today) for key, value in content.items()}
    if isinstance(content, list):
        return [dated(value, today) for value in content]
    if isinstance(content, str):
        if WHOLE.match(content):
            return moment(content, today).isoformat()
        return WITHIN.sub(partial(_in_words, today), content)
    return content


def _in_words(today: datetime.date, found: re.Match[str]) -> str:
    day = moment(found.group(1), today)
    return f"{day.day} {day:%B %Y}"


def moment(written: str, today: datetime.date) -> datetime.date:
    """Return the day a moment like `+9 weeks friday` means: nine weeks from today, or the next Friday after that."""
    *amount, last = written.split()
    weekday = DAYS.index(last) if last in DAYS else None
    parts = amount if weekday is not None else written.split()
    day = today
    if parts != ["today"]:
        number, unit = int(parts[0]), parts[1].rstrip("s")
        days = {"day": number, "week": number * 7}.get(unit, 0)
        months = {"month": number, "year": number * 12}.get(unit, 0)
        day = months_after(today, months) + datetime.timedelta(days=days)
    if weekday is not None:
        day += datetime.timedelta(days=(weekday - day.weekday()) % 7)
    return day
