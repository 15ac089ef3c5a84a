"""How old an answer may be before it must be asked or confirmed again."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

from service.catalogue.definitions import AgeLimit
from service.domain.calendar import days_after, months_before

WRITTEN = re.compile(r"^(\d{1,3}) (days?|weeks?|months?)$")


@dataclass(frozen=True, slots=True)
class Age:
    """A maximum age, in days and calendar months as guidance states it."""

    days: int = 0
    months: int = 0

    def oldest(self, today: datetime.date) -> datetime.date:
        """Return the earliest day that is still within this age: exactly the maximum is not too old."""
        return days_after(months_before(today, self.months), -self.days)


Ages = Mapping[AgeLimit, Age]
OldestFresh = Mapping[AgeLimit, str]


def read_ages(written: Mapping[str, str]) -> dict[AgeLimit, Age]:
    """Read ages like `6 months` or `26 weeks`; ValueError names the one that cannot be read, or is missing."""
    ages: dict[AgeLimit, Age] = {}
    for limit in AgeLimit:
        found = WRITTEN.match(written.get(limit, ""))
        if found is None:
            message = f"maximum age of {limit}: write it like '6 months', '26 weeks' or '90 days'"
            raise ValueError(message)
        number, unit = int(found.group(1)), found.group(2).rstrip("s")
        ages[limit] = Age(months=number) if unit == "month" else Age(days=number * (7 if unit == "week" else 1))
    return ages


def oldest_fresh(ages: Ages, today: datetime.date) -> dict[AgeLimit, str]:
    """Return, for each limit, the earliest day (ISO) whose answers are still fresh."""
    return {limit: age.oldest(today).isoformat() for limit, age in ages.items()}
