"""What an answer looks like on a page: the words a document would use, and who said it when."""

import datetime
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from service.catalogue.values import Value
from service.documents.outlines import outline_value
from service.documents.referrals import in_full, in_words

SYSTEMS = {"delius": "nDelius", "nomis": "NOMIS", "oasys": "OASys", "cas": "CAS", "broker": "this service"}
LONDON = ZoneInfo("Europe/London")


def shown(value: Value, answer: Any) -> Mapping[str, Any] | None:
    """Return an answer in one of three shapes: paragraphs, bullets, or rows under headings; None for none."""
    return None if answer is None else outline_value(in_words(value, answer))


def day(on: datetime.date) -> str:
    """Return a date as it is written in a letter."""
    return in_full(on)


def moment(at: datetime.datetime) -> str:
    """Return an instant as people here would say it."""
    local = at.astimezone(LONDON)
    return f"{in_full(local.date())} at {local:%H:%M}"


def source_in_words(answer: Mapping[str, Any]) -> str:
    """Return who said something, and as of when."""
    source, by = answer["source"], answer["recorded_by"]
    who = SYSTEMS.get(source, by if source in {"practitioner", "manager", "premises"} else source)
    as_of = answer["as_of"]
    return f"{who}, {in_full(datetime.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of)}"
