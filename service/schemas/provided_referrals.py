"""A referral as a provider sees it: as it was sent, and the live summary beside it."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from service.domain.lifecycle import Status


class ProvidedSummary(BaseModel):
    """A referral in a provider's list: whose, for which contract, and where it stands."""

    id: uuid.UUID
    crn: str
    contract: str
    service_category: str | None
    status: Status
    status_since: datetime.datetime
    version: int
    received_version: int
    submitted_at: datetime.datetime | None
    revision: int

    @classmethod
    def fields_of(cls, referral: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields every view of a referral begins with for its provider."""
        named = {name: referral[name] for name in cls.model_fields if name != "contract"}
        return named | {"contract": referral["recipient_id"]}


class ProvidedList(BaseModel):
    """The referrals sent to an organisation's contracts, the last sent first, and where the next page starts."""

    items: list[ProvidedSummary]
    next: str | None

    @classmethod
    def of(cls, referrals: Sequence[Mapping[str, Any]], following: str | None) -> "ProvidedList":
        """Return a page of referrals, made at once: row by row takes longer."""
        return cls.model_validate({"items": [ProvidedSummary.fields_of(one) for one in referrals], "next": following})


class ProvidedQuestion(BaseModel):
    """A question as sent. `withheld` says why one is not shown, whether or not anything was answered."""

    id: str
    label: str
    asked: bool | None = None
    answered: bool | None = None
    value: Any = None
    as_of: datetime.date | None = None
    source: str | None = None
    wording: str | None = None
    withheld: str | None = None


class ProvidedSection(BaseModel):
    """A section of the form as it was sent."""

    id: str
    label: str
    questions: list[ProvidedQuestion]


class ProvidedReferral(ProvidedSummary):
    """A referral as it was sent, in its newest version."""

    version_sent_at: datetime.datetime
    sections: list[ProvidedSection]


class ItemShown(BaseModel):
    """What is shown of an item: its value and date, or `withheld` with the reason class, or that it was not sent."""

    value: Any = None
    as_of: datetime.date | None = None
    withheld: str | None = None
    not_sent: bool | None = None


class ItemBeside(BaseModel):
    """An item as it was sent and as it stands now. `differs` is null where the two cannot be compared."""

    item: str
    label: str
    as_sent: ItemShown
    now: ItemShown
    differs: bool | None


class LiveSummary(BaseModel):
    """Risk and safeguarding as they stand at this moment, each beside what was sent, with every difference marked."""

    referral_id: uuid.UUID
    crn: str
    sent_at: datetime.datetime
    conditions_needed: list[str] = Field(
        description="The kinds of licence condition that the contract needs: of others nothing is said either way."
    )
    items: list[ItemBeside]
    differences: list[str]
