"""What one request did or showed, gathered as it goes, to be written as one row of the record of access."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# What a provider's worker looks and writes for, whatever the request: their organisation was commissioned for it.
PROVISION = "providing the commissioned service"


@dataclass(slots=True)
class AccessRecord:
    """Everybody and everything one request touched. Holds ids and item names, never an answer."""

    action: str
    crns: list[str] = field(default_factory=list)
    referral_id: uuid.UUID | None = None
    items: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    purpose: str | None = None
    gateway: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    outcome: str = "shown"
    asked_for: dict[str, str] = field(default_factory=dict)
    owed: bool = False

    def shows(self, crns: Iterable[str], items: Iterable[str] = ()) -> None:
        """Note the people a reader is shown, and the items of them."""
        known = set(self.crns)
        self.crns.extend(crn for crn in dict.fromkeys(crns) if crn not in known)
        self.items.extend(items)

    def withholds(self, items: Iterable[str]) -> None:
        """Note, by name, the items a reader was told are withheld."""
        self.withheld.extend(items)

    def changes(self, crn: str, items: Iterable[str] = (), **details: Any) -> None:
        """Note a change about one person."""
        self.shows([crn], items)
        self.outcome = "changed"
        self.details.update(details)

    def notes(self, outcome: str, **details: Any) -> None:
        """Note an act that leaves a row although it may name nobody: a search, a change of reference data."""
        self.owed = True
        self.outcome = outcome
        self.details.update(details)

    @property
    def about_somebody(self) -> bool:
        """Whether any person's data was involved, so that a row is owed."""
        return self.owed or bool(self.crns) or self.referral_id is not None
