"""What is recorded about one person, as eligibility and timing take it: profile, referrals, screening, recall and stay.

Sentence dates are facts as recorded: nothing here computes a release.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.domain.eligibility.facts import MappaCategory, MappaLevel
from service.domain.lifecycle import OPEN_STATUSES, Status
from service.domain.move_on import Prospects
from service.domain.profiles import Answers

# The items the facts are read from: all that a caller who asks for eligibility or the timeline is shown of a profile.
ITEMS = (
    *("sex", "tier", "current_location", "release_date_known", "sentence_release_date", "sentence_start_date"),
    *("earliest_release_date", "release_accommodation", "oasys_completed_on", "mappa_category", "mappa_level"),
    *("duty_to_refer_made", "duty_to_refer_made_on", "duty_to_refer_outcome", "commissioned_services_referral_made"),
    "move_on_plan",
)


class Booking(StrEnum):
    """What became of a booking that a referral has no longer."""

    CANCELLED = "cancelled"
    NOT_ARRIVED = "not_arrived"


@dataclass(frozen=True, slots=True)
class ReferralFact:
    """A referral as far as eligibility depends on it. `needed_from` is the day its form asks a bed from."""

    pack: str
    status: Status
    created_at: datetime.datetime
    categories: frozenset[str] = frozenset()
    needed_from: datetime.date | None = None
    submitted_on: datetime.date | None = None
    lost_booking: Booking | None = None
    bed_offered: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class ScreeningFact:
    """The latest MAPPA screening; no category is a decision too."""

    category: MappaCategory | None
    level: MappaLevel | None
    screened_on: datetime.date


@dataclass(frozen=True, slots=True)
class RecallFact:
    """The latest recall, and the re-release date noted for it since, with the instant (ISO, UTC) it was noted at."""

    recalled_on: datetime.date
    re_release_on: datetime.date | None = None
    noted_at: str = ""


@dataclass(frozen=True, slots=True)
class StayFact:
    """Somebody in residence at approved premises: when they came, when they are to leave, what may lead to a home."""

    arrived_on: datetime.date | None
    departs_on: datetime.date | None
    prospects: Prospects = field(default_factory=Prospects)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is recorded about one person; `expected_on` is the day on which approved premises expect them."""

    answers: Answers
    referrals: Sequence[ReferralFact] = ()
    screening: ScreeningFact | None = None
    recall: RecallFact | None = None
    stay: StayFact | None = None
    expected_on: datetime.date | None = None

    def value(self, item: str) -> Any:
        """Return an item's present value, or None while nobody has answered it."""
        answer = self.answers.get(item)
        return answer["value"] if answer is not None else None

    def day(self, item: str) -> datetime.date | None:
        """Return a date item as a date."""
        value = self.value(item)
        return datetime.date.fromisoformat(value) if value is not None else None

    @property
    def release_on(self) -> datetime.date | None:
        """The release date, unless it is now said not to be known."""
        said_unknown = self.value("release_date_known") is False and not self._noted_after("release_date_known")
        return None if said_unknown else self.released_on("sentence_release_date")

    def released_on(self, item: str) -> datetime.date | None:
        """Return a release date item as it holds after the latest recall, which starts the clock again.

        The re-release date noted takes its place, unless a later day has been answered since. A day up to the recall is
        the release the person was recalled from: none is known then.
        """
        day, recall = self.day(item), self.recall
        if recall is None:
            return day
        if day is None or day <= recall.recalled_on or self._noted_after(item):
            return recall.re_release_on
        return day

    def _noted_after(self, item: str) -> bool:
        """Whether a re-release date was noted when, or after, an item was last answered."""
        if self.recall is None or self.recall.re_release_on is None:
            return False
        return item not in self.answers or self.answers[item]["recorded_at"] <= self.recall.noted_at
