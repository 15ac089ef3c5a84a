"""Where a caller can go on from an answer: the links of the published description (OpenAPI), operation by operation.

A link names the next operation and where in the answer (or in the request) its parameters stand.
"""

from collections.abc import Mapping
from typing import Any

_ETAG = {"header.If-Match": "$response.header.ETag"}
_CASE_IN_PATH = {"crn": "$request.path.crn"}
_CASE_IN_BODY = {"crn": "$response.body#/crn"}
_FIRST_CASE = {"crn": "$response.body#/items/0/crn"}
_REFERRAL_IN_PATH = {"referral_id": "$request.path.referral_id"}
_REFERRAL_IN_BODY = {"referral_id": "$response.body#/id"}
_FIRST_REFERRAL = {"referral_id": "$response.body#/items/0/id"}
_STAY_IN_BODY = {"stay_id": "$response.body#/id"}
_FIRST_RESIDENT = {"stay_id": "$response.body#/items/0/stay_id"}
_FIRST_STAY = {"stay_id": "$response.body#/items/0/id"}
_EVERY_PACK = {"packs": "approved_premises,cas3,commissioned_services,mappa"}
_QUERY = {"referral_id": "$response.body#/referral_id", "query_id": "$response.body#/id"}
_FIRST_QUERY = {"referral_id": "$response.body#/items/0/referral_id", "query_id": "$response.body#/items/0/id"}

_MADE_HAND_OVER = {"hand_over_id": "$response.body#/id"}

_CASE_READS = (
    *("read_case", "read_profile", "read_profile_history", "list_case_referrals", "list_screenings"),
    "list_changes_told",
    *("read_eligibility", "read_timeline", "read_contracts_for_person", "list_accesses"),
    *("list_case_checks", "list_risk_lowerings", "ask_check", "list_hand_overs", "plan_hand_over"),
)
_REFERRAL_READS = ("read_referral", "read_referral_form", "read_referral_document", "read_referral_steps")
_PROVIDED_READS = ("read_provided_referral", "read_live_summary", "read_provided_document")
_PROVIDED_ACTS = (
    *("receive_referral_as_provider", "accept_referral_as_provider", "reject_referral_as_provider"),
    *("schedule_referral_as_provider", "cancel_schedule_as_provider", "start_referral_as_provider"),
    *("record_outcome_as_provider", "ask_query_as_provider"),
    *("book_appointment", "report_progress", "raise_concern", "propose_change", "write_end_of_service_report"),
)
_BOOKING = {"referral_id": "$response.body#/referral_id", "booking_id": "$response.body#/id"}
_DRAFT_ACTS = ("move_draft", "submit_referral", "withdraw_referral")


def _all(operations: tuple[str, ...], parameters: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {operation: dict(parameters) for operation in operations}


def _acted(*then: str) -> dict[str, dict[str, str]]:
    """Return the links from an act on a referral: the acts that may follow it, from the revision it made."""
    reads = _all(("read_referral", "read_referral_steps"), _REFERRAL_IN_PATH)
    return reads | _all(then, _REFERRAL_IN_PATH | _ETAG)


def _booked(*then: str) -> dict[str, dict[str, str]]:
    """Return the links from an act on a booking: the acts that may follow it, from the revision it made."""
    reads = _all(("list_bookings",), {"referral_id": "$response.body#/referral_id"})
    reads |= _all(("list_case_bookings",), _CASE_IN_BODY) | _all(("read_booking",), _BOOKING)
    return reads | _all(then, _BOOKING | _ETAG)


# By operation: the operations that lead on from its success, and each one's parameters.
LINKS: dict[str, dict[str, dict[str, str]]] = {
    "open_case": _all((*_CASE_READS, "create_referrals", "record_screening"), _CASE_IN_BODY)
    | {"list_questions": _CASE_IN_BODY | _EVERY_PACK}
    # A new profile is at revision 0.
    | {"amend_profile": _CASE_IN_BODY | {"header.If-Match": '"0"'}},
    "list_cases": _all(_CASE_READS, _FIRST_CASE),
    "read_case": _all((*_CASE_READS, "create_referrals"), _CASE_IN_BODY)
    | {"list_questions": _CASE_IN_BODY | _EVERY_PACK},
    "search_people": _all(("read_case", "open_case_for_a_while"), _FIRST_CASE),
    "open_case_for_a_while": _all(_CASE_READS, _CASE_IN_PATH),
    "allocate_case": _all(("read_case",), _CASE_IN_PATH),
    "limit_access": _all(("read_case",), _CASE_IN_BODY),
    "record_person_event": _all(("read_case", "list_case_referrals"), _CASE_IN_BODY),
    "read_profile": _all(("read_profile_history", "create_referrals"), _CASE_IN_BODY)
    | {"amend_profile": _CASE_IN_BODY | _ETAG},
    "amend_profile": _all(("read_profile", "read_profile_history", "read_eligibility", "read_timeline"), _CASE_IN_BODY)
    | {"amend_profile": _CASE_IN_BODY | _ETAG},
    "record_screening": _all(("list_screenings", "read_eligibility"), _CASE_IN_BODY),
    "ask_check": _all(("list_case_checks",), _CASE_IN_PATH)
    | _all(("read_chaser", "chase_check", "answer_check"), _CASE_IN_PATH | {"check_id": "$response.body#/id"}),
    "chase_check": _all(("list_case_checks",), _CASE_IN_PATH),
    "answer_check": _all(("list_case_checks",), _CASE_IN_PATH),
    "list_checks": _all(("list_case_checks",), _FIRST_CASE),
    "list_risk_lowerings": {"give_view": _CASE_IN_PATH | {"lowering_id": "$response.body#/items/0/id"}},
    "give_view": _all(("list_risk_lowerings",), _CASE_IN_PATH),
    "plan_hand_over": _all(("list_hand_overs",), _CASE_IN_PATH)
    | _all(("read_hand_over", "complete_hand_over", "cancel_hand_over"), _CASE_IN_PATH | _MADE_HAND_OVER)
    | _all(("change_hand_over",), _CASE_IN_PATH | _MADE_HAND_OVER | _ETAG),
    "list_hand_overs": _all(("read_hand_over",), _CASE_IN_PATH | {"hand_over_id": "$response.body#/items/0/id"}),
    "complete_hand_over": _all(("read_case", "list_hand_overs"), _CASE_IN_PATH),
    "create_referrals": _all((*_REFERRAL_READS, *_DRAFT_ACTS), _FIRST_REFERRAL)
    # A new draft is at revision 1.
    | {"change_draft": _FIRST_REFERRAL | {"header.If-Match": '"1"'}},
    "list_case_referrals": _all(_REFERRAL_READS, _FIRST_REFERRAL),
    "list_referrals": _all((*_REFERRAL_READS, "list_queries"), _FIRST_REFERRAL),
    "read_referral": _all((*_REFERRAL_READS[1:], "list_queries"), _REFERRAL_IN_BODY)
    | _all(("change_draft", "submit_referral", "amend_referral"), _REFERRAL_IN_BODY | _ETAG),
    "change_draft": _all(("read_referral", "withdraw_referral"), _REFERRAL_IN_BODY)
    | _all(("change_draft", "submit_referral"), _REFERRAL_IN_BODY | _ETAG),
    "move_draft": _all(("read_referral",), _REFERRAL_IN_PATH),
    "submit_referral": _all(
        (*_REFERRAL_READS, "receive_referral", "amend_referral", "withdraw_referral"), _REFERRAL_IN_PATH
    )
    | {"read_referral_version": _REFERRAL_IN_PATH | {"number": "$response.body#/number"}},
    "amend_referral": _all(("read_referral", "receive_referral"), _REFERRAL_IN_PATH)
    | {"read_referral_version": _REFERRAL_IN_PATH | {"number": "$response.body#/number"}},
    "receive_referral": _acted("accept_referral", "reject_referral", "ask_query"),
    "accept_referral": _acted("schedule_referral", "reject_referral", "book_bed"),
    "reject_referral": _acted("reopen_referral"),
    "schedule_referral": _acted("start_referral", "cancel_schedule"),
    "book_bed": _booked("confirm_booking", "cancel_booking"),
    "confirm_booking": _booked("record_booking_arrival", "cancel_booking"),
    "record_booking_arrival": _booked("record_booking_arrival", "extend_booking", "record_booking_departure"),
    "extend_booking": _booked("extend_booking", "record_booking_departure"),
    "record_booking_departure": _booked("record_booking_departure"),
    "cancel_booking": _booked("cancel_booking"),
    "cancel_schedule": _acted("schedule_referral", "reject_referral"),
    "start_referral": _acted("record_outcome"),
    "record_outcome": _acted(),
    "reopen_referral": _acted("accept_referral"),
    "resume_referral": _acted("accept_referral", "reject_referral", "withdraw_referral"),
    "withdraw_referral": _acted(),
    "ask_query": _all(("answer_query",), _QUERY) | _all(("list_queries",), _REFERRAL_IN_PATH),
    "list_queries": _all(("answer_query",), _FIRST_QUERY),
    "answer_query": _all(("list_queries", "read_referral"), _REFERRAL_IN_PATH),
    "list_provided_referrals": _all(_PROVIDED_READS, _FIRST_REFERRAL),
    "read_provided_referral": _all(
        ("read_live_summary", "list_queries_as_provider", *_PROVIDED_ACTS), _REFERRAL_IN_BODY
    ),
    "book_appointment": _all(("read_provision_as_provider",), _REFERRAL_IN_PATH)
    | {"record_attendance": _REFERRAL_IN_PATH | {"appointment_id": "$response.body#/id"}},
    "report_progress": {
        name: _REFERRAL_IN_PATH | {"note_id": "$response.body#/id"}
        for name in ("read_progress", "read_progress_as_provider")
    },
    "raise_concern": _all(("read_provision",), _REFERRAL_IN_PATH)
    | {"acknowledge_concern": _REFERRAL_IN_PATH | {"concern_id": "$response.body#/id"}},
    "propose_change": _all(("read_proposals", "read_proposals_as_provider"), _REFERRAL_IN_PATH)
    | {"decide_proposal": _REFERRAL_IN_PATH | {"proposal_id": "$response.body#/id"}},
    "decide_proposal": _all(("read_proposals", "read_referral"), _REFERRAL_IN_PATH),
    "write_end_of_service_report": _all(
        ("read_end_of_service_report", "read_end_of_service_report_as_provider"), _REFERRAL_IN_PATH
    ),
    "ask_query_as_provider": _all(("list_queries_as_provider",), _REFERRAL_IN_PATH),
    "list_provider_changes": {"acknowledge_change": {"change_id": "$response.body#/items/0/id"}},
    "list_disclosures": {"withdraw_disclosure": _REFERRAL_IN_PATH | {"disclosure_id": "$response.body#/items/0/id"}},
    "name_worker": _all(("list_named_workers",), _REFERRAL_IN_PATH)
    | {"withdraw_named_worker": _REFERRAL_IN_PATH | {"worker_id": "$response.body#/worker_id"}},
    "disclose_item": _all(("list_disclosures",), _REFERRAL_IN_PATH)
    | {"withdraw_disclosure": _REFERRAL_IN_PATH | {"disclosure_id": "$response.body#/id"}},
    "read_directory_services": {"read_directory_service": {"service_id": "$response.body#/contents/0/id"}},
    "expect_arrival": _all(
        ("read_stay", "reschedule_arrival", "record_arrival", "record_non_arrival", "cancel_stay"), _STAY_IN_BODY
    )
    | {"list_case_stays": _CASE_IN_BODY},
    "list_stay_referrals": _all(("read_holding", "pass_work", "read_shared_questions"), _FIRST_REFERRAL),
    "read_holding": _all(("pass_work",), _REFERRAL_IN_PATH),
    "pass_work": _all(("read_holding", "read_shared_questions"), _REFERRAL_IN_PATH),
    "read_shared_questions": _all(("answer_shared_questions", "submit_shared_referral"), _REFERRAL_IN_PATH | _ETAG),
    "answer_shared_questions": _all(("submit_shared_referral", "read_shared_questions"), _REFERRAL_IN_PATH),
    "list_stays": _all(("read_stay", "list_stay_referrals", "name_key_worker", "record_arrival"), _FIRST_STAY),
    "list_case_stays": _all(("read_stay",), _FIRST_STAY),
    "read_stay": _all(("extend_stay", "transfer_stay", "record_departure"), _STAY_IN_BODY),
    "record_arrival": _all(("name_key_worker", "extend_stay", "transfer_stay", "record_departure"), _STAY_IN_BODY),
    "read_board": _all(("read_move_on", "record_move_on_plan", "record_home"), _FIRST_RESIDENT),
    "record_departure": _all(("record_stay_outcome",), _STAY_IN_BODY),
    "put_premises": {"read_premises": {"premises_id": "$response.body#/id"}},
    "list_accesses": {
        "read_provider_view": _CASE_IN_PATH
        | {"at": "$response.body#/items/0/at", "organisation": "$response.body#/items/0/organisation"}
    },
    "list_packs": _all(("read_pack",), {"pack": "$response.body#/items/0/pack"}),
}


def links_from(operation: str) -> dict[str, Any]:
    """Return the links of an operation's success, as OpenAPI writes them."""
    return {
        name: {"operationId": name, "parameters": parameters} for name, parameters in LINKS.get(operation, {}).items()
    }
