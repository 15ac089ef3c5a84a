"""What must be known about a person to say which services they may be referred to; everything is optional.

The codes are the services' own in lower snake case, except that a CAS3 referral not yet sent is a `draft`.
"""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _only_a_whole_day(value: object) -> object:
    """Refuse timestamps and instants, which would otherwise be read as days."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and ISO_DATE.fullmatch(value)):
        return value
    raise PydanticCustomError("broker_date", "Enter a date as YYYY-MM-DD.")


IsoDate = Annotated[date, BeforeValidator(_only_a_whole_day)]
Tier = Annotated[str, Field(pattern=r"^[A-D][0-3]S?$")]
MappaCategory = Literal["1", "2", "3", "4"]
MappaLevel = Literal["1", "2", "3"]


class Sex(StrEnum):
    """As the core person record codes it: male, female, not known, not specified."""

    M = "M"
    F = "F"
    N = "N"
    NS = "NS"


class HomeKind(StrEnum):
    """Where somebody lives, as far as the rules tell homes apart."""

    PRISON = "prison"
    APPROVED_PREMISES = "approved_premises"
    CAS2 = "cas2"
    CAS3 = "cas3"
    HOMELESS = "homeless"
    SETTLED = "settled"
    TRANSIENT = "transient"


class PremisesApplication(StrEnum):
    """How far an approved-premises application has come."""

    STARTED = "started"
    INAPPLICABLE = "inapplicable"
    UNALLOCATED_ASSESSMENT = "unallocated_assessment"
    AWAITING_ASSESSMENT = "awaiting_assessment"
    ASSESSMENT_IN_PROGRESS = "assessment_in_progress"
    REQUESTED_FURTHER_INFORMATION = "requested_further_information"
    PENDING_PLACEMENT_REQUEST = "pending_placement_request"
    AWAITING_PLACEMENT = "awaiting_placement"
    PLACEMENT_ALLOCATED = "placement_allocated"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class PlacementRequest(StrEnum):
    """How far the request for a period in approved premises has come."""

    UNSUBMITTED = "unsubmitted"
    SUBMITTED = "submitted"
    REJECTED = "rejected"
    AWAITING_MATCH = "awaiting_match"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"


class Placement(StrEnum):
    """What became of a place booked in approved premises."""

    UPCOMING = "upcoming"
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"
    DEPARTED = "departed"
    CANCELLED = "cancelled"


class Cas3Application(StrEnum):
    """How far a CAS3 referral has come for the person who refers."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REQUESTED_FURTHER_INFORMATION = "requested_further_information"
    REJECTED = "rejected"


class Cas3Assessment(StrEnum):
    """How far a CAS3 referral has come for the housing team."""

    UNALLOCATED = "unallocated"
    IN_REVIEW = "in_review"
    READY_TO_PLACE = "ready_to_place"
    CLOSED = "closed"
    REJECTED = "rejected"


class Cas3Booking(StrEnum):
    """What became of a CAS3 bedspace."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"
    DEPARTED = "departed"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class DutyToReferStatus(StrEnum):
    """What the council has answered."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


class CommissionedReferral(StrEnum):
    """Whether a commissioned-services accommodation referral that was sent is still running."""

    LIVE = "live"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class FactGroup(BaseModel):
    """Facts are values: never changed once given, and a name nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CurrentAccommodation(FactGroup):
    """The home somebody has now; for a person in prison it ends on the release date."""

    kind: HomeKind | None = None
    ends_on: IsoDate | None = None


class ApprovedPremisesFacts(FactGroup):
    """The best approved-premises application, the request made from it, and the place found."""

    application: PremisesApplication | None = None
    placement_request: PlacementRequest | None = None
    placement: Placement | None = None


class Cas3Facts(FactGroup):
    """The newest CAS3 referral, its assessment, and its bedspace."""

    application: Cas3Application | None = None
    assessment: Cas3Assessment | None = None
    booking: Cas3Booking | None = None


class DutyToReferFacts(FactGroup):
    """The newest duty-to-refer referral to a council."""

    status: DutyToReferStatus | None = None
    submitted_on: IsoDate | None = None


class CommissionedServicesFacts(FactGroup):
    """The newest commissioned-services referral for accommodation."""

    accommodation_referral: CommissionedReferral | None = None


class MappaFacts(FactGroup):
    """The one category somebody is in, the level set, and the first day they may be released."""

    category: MappaCategory | None = None
    level: MappaLevel | None = None
    first_release_on: IsoDate | None = None


class Facts(FactGroup):
    """One person, as far as eligibility and timing depend on them."""

    sex: Sex | None = None
    tier: Tier | None = None
    current_accommodation: CurrentAccommodation | None = None
    has_next_accommodation: StrictBool | None = None
    approved_premises: ApprovedPremisesFacts | None = None
    cas3: Cas3Facts | None = None
    duty_to_refer: DutyToReferFacts | None = None
    commissioned_services: CommissionedServicesFacts | None = None
    mappa: MappaFacts | None = None


class SuppliedFacts(Facts):
    """Facts a caller supplies to ask "what if", and the day to ask it for; without one, today."""

    on: IsoDate | None = None
