"""The answer for one service: where the person stands, what to do next, from when, and why not."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Service(StrEnum):
    """The services an answer is given for."""

    APPROVED_PREMISES = "approved_premises"
    CAS3 = "cas3"
    COMMISSIONED_SERVICES = "commissioned_services"
    DUTY_TO_REFER = "duty_to_refer"
    PROPOSED_ADDRESS = "proposed_address"
    MAPPA = "mappa"


class Status(StrEnum):
    """Where somebody stands with one service."""

    NOT_REQUIRED = "not_required"
    NOT_ELIGIBLE = "not_eligible"
    UPCOMING = "upcoming"
    NOT_STARTED = "not_started"
    NOT_SUBMITTED = "not_submitted"
    CANNOT_START_YET = "cannot_start_yet"
    INFO_REQUESTED = "info_requested"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    REJECTED = "rejected"
    APPLICATION_REJECTED = "application_rejected"
    PLACEMENT_REQUEST_NOT_STARTED = "placement_request_not_started"
    PLACEMENT_REQUEST_SUBMITTED = "placement_request_submitted"
    PLACEMENT_REQUEST_REJECTED = "placement_request_rejected"
    PLACEMENT_REQUEST_WITHDRAWN = "placement_request_withdrawn"
    PLACEMENT_BOOKED = "placement_booked"
    PLACEMENT_CANCELLED = "placement_cancelled"
    BEDSPACE_OFFERED = "bedspace_offered"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_CANCELLED = "booking_cancelled"
    ARRIVED = "arrived"
    NOT_ARRIVED = "not_arrived"
    COMPLETED = "completed"
    LEVEL_NOT_SET = "level_not_set"
    LEVEL_1 = "level_1"
    LEVEL_2 = "level_2"
    LEVEL_3 = "level_3"


class Action(StrEnum):
    """What the practitioner can do next."""

    CREATE_PLACEMENT = "create_placement"
    PROVIDE_INFORMATION = "provide_information"
    START_APPROVED_PREMISE_APPLICATION = "start_approved_premise_application"
    CONTINUE_APPROVED_PREMISE_APPLICATION = "continue_approved_premise_application"
    START_CAS3_REFERRAL = "start_cas3_referral"
    REPLY_TO_CAS3_BEDSPACE_OFFER = "reply_to_cas3_bedspace_offer"
    SUBMIT_DTR_REFERRAL = "submit_dtr_referral"
    ADD_DTR_REFERRAL_DETAILS = "add_dtr_referral_details"
    ADD_DTR_OUTCOME = "add_dtr_outcome"
    SUBMIT_CRS_ACCOMMODATION_REFERRAL = "submit_crs_accommodation_referral"
    SUBMIT_CRS_REFERRAL = "submit_crs_referral"
    ADD_AND_CONFIRM_PROPOSED_ADDRESS = "add_and_confirm_proposed_address"
    SUBMIT_DTR_BEFORE_CAS3 = "submit_dtr_before_cas3"
    SUBMIT_CRS_BEFORE_CAS3 = "submit_crs_before_cas3"
    SUBMIT_CRS_ACCOMMODATION_BEFORE_CAS3 = "submit_crs_accommodation_before_cas3"
    SUBMIT_DTR_AND_CRS_BEFORE_CAS3 = "submit_dtr_and_crs_before_cas3"
    SUBMIT_DTR_AND_CRS_ACCOMMODATION_BEFORE_CAS3 = "submit_dtr_and_crs_accommodation_before_cas3"


class Reason(StrEnum):
    """Why a rule failed. Shown only on `not_eligible` and `not_required`."""

    S_TIER = "s_tier"
    MALE_NOT_HIGH_RISK_TIER = "male_not_high_risk_tier"
    NON_MALE_NOT_HIGH_RISK_TIER = "non_male_not_high_risk_tier"
    SEX_DATA_NOT_AVAILABLE = "sex_data_not_available"
    INVALID_CURRENT_ACCOMMODATION_TYPE = "invalid_current_accommodation_type"
    CRS_NOT_SUBMITTED = "crs_not_submitted"
    HAS_NEXT_ACCOMMODATION = "has_next_accommodation"
    DTR_REFERRAL_EXPIRED = "dtr_referral_expired"
    SUITABLE_CAS1_APPLICATION = "suitable_cas1_application"
    SUITABLE_CAS3_APPLICATION = "suitable_cas3_application"
    IS_SETTLED = "is_settled"
    NO_CATEGORY = "no_category"
    CATEGORY_3_NEEDS_LEVEL_2 = "category_3_needs_level_2"


class Line(BaseModel):
    """Where somebody stands with one service.

    `starts_on` is set only while the status is `upcoming`: the first day on which the service can be asked for. It
    dates the action, except for MAPPA, which has no action of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)

    status: Status
    action: Action | None = None
    starts_on: date | None = None
    reasons: list[Reason] = Field(default_factory=list)
