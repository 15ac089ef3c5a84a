"""Who acts in one request, and what they act with."""

import datetime
from dataclasses import dataclass
from typing import Protocol

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.definitions import Catalogue
from service.domain.ages import Ages
from service.domain.eligibility.thresholds import Thresholds
from service.domain.lifecycle import Side


class Doer(Protocol):
    """Who does an act, and when, and the record of access it goes into: a caller, or the service itself."""

    @property
    def caller(self) -> Caller: ...
    @property
    def now(self) -> datetime.datetime: ...
    @property
    def record(self) -> AccessRecord: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, when, on which revision, with which catalogue and ages, and the record of access it goes into."""

    caller: Caller
    now: datetime.datetime
    if_match: str | None
    record: AccessRecord
    catalogue: Catalogue
    ages: Ages
    thresholds: Thresholds

    @property
    def side(self) -> Side:
        """Whether the referral was sent to them or by them."""
        return Side.RECIPIENT if self.caller.is_sent_to else Side.SENDER
