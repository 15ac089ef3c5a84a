"""The people on whom the published examples are tried: who has referrals at which stage, and who is kept for what."""

import datetime
from typing import Any

from service.access.callers import Role
from service.access.permissions import permits
from service.routes.examples import BODIES, PARAMETERS

# The one the published examples name, who has a referral with a question.
FIRST = PARAMETERS["crn"]
EXAMPLE_REFERRAL, EXAMPLE_QUERY = PARAMETERS["referral_id"], PARAMETERS["query_id"]
# Each of these has a referral at every stage.
WITH_REFERRALS = tuple(f"X1000{number}" for number in range(11, 16))
STAGES = ("draft", "submitted", "received", "query", "accepted", "scheduled", "started", "rejected")
WITHOUT_REFERRALS = "X100016"
# Limiting access to somebody, or recording that they died, would hide or end the case that all else is tried on.
TO_DIE = "X100017"
TO_HIDE = "X100018"
ANOTHER_TEAMS = "X100019"
# Sent to the contract of the demonstration provider, about the first person.
PROVIDED = "00000000-0000-4000-a000-000000000001"
# The same, at every stage: the second numbers of these begin after that one's.
PROVIDED_STAGES = (
    *(*STAGES[1:7], "received to reject", "received to ask", "scheduled to cancel", "started to go on"),
    "started to report",
)
# Works with the provider's demonstration worker, who is made their administrator.
COLLEAGUE = "t.demo"
EXAMPLE_CHANGE = PARAMETERS["change_id"]
EXAMPLE_DISCLOSURE = PARAMETERS["disclosure_id"]
# This one's hand-over is completed, and the next one's called off; the one to read is the first person's.
TO_HAND_OVER = "X100040"
HAND_OVERS = {
    FIRST: PARAMETERS["hand_over_id"],
    TO_HAND_OVER: "00000000-0000-4000-d000-000000000001",
    WITH_REFERRALS[1]: "00000000-0000-4000-d000-000000000002",
}
# A check to chase is the one the published examples name; this one is to be answered.
CHECK_TO_ANSWER = "00000000-0000-4000-c000-000000000001"
# Expected at the demonstration premises, or living there: one for each thing that ends it or changes it.
STAYING = {
    name: f"X1000{number}"
    for number, name in enumerate(
        (
            "record_arrival",
            "extend_stay",
            "transfer_stay",
            "record_departure",
            "record_non_arrival",
            "cancel_stay",
            "name_key_worker",
            "record_stay_outcome",
            "reschedule_arrival",
        ),
        start=21,
    )
}
LEFT = frozenset({"record_stay_outcome"})
ARRIVING = frozenset({"record_arrival", "record_non_arrival", "cancel_stay", "reschedule_arrival"})
TO_EXPECT = BODIES["expect_arrival"]["crn"]
# The profile has changed since this one's referrals were sent.
CHANGED_SINCE = WITH_REFERRALS[3]
# This one was recalled for a fixed term after they were sent.
RECALLED = WITH_REFERRALS[4]


def referral_of(person: str, stage: str) -> str:
    """Return the id of a person's referral at a stage."""
    number = WITH_REFERRALS.index(person) * len(STAGES) + STAGES.index(stage)
    return f"00000000-0000-4000-8000-{number:012d}"


def stay_of(operation: str) -> str:
    """Return the id of the stay on which an operation is tried."""
    return f"00000000-0000-4000-8100-{list(STAYING).index(operation):012d}"


def query_of(person: str) -> str:
    """Return the id of the question about a person's referral."""
    return f"00000000-0000-4000-9000-{WITH_REFERRALS.index(person):012d}"


def provided_at(stage: str) -> str:
    """Return the id of the first person's referral to the provider at a stage."""
    return f"00000000-0000-4000-a000-{PROVIDED_STAGES.index(stage) + 2:012d}"


# Drafts of a duty to refer that premises and practitioner share, one an operation; the premises have the last two.
SHARING = (
    *("read_holding", "pass_work", "read_shared_questions", "answer_shared_questions", "submit_shared_referral"),
)
HELD_BY_PREMISES = SHARING[-2:]


def shared_draft_of(operation: str) -> str:
    """Return the id of the draft on which an operation is tried."""
    return f"00000000-0000-4000-8200-{SHARING.index(operation):012d}"


# What is done to a CAS3 bed, where its referral then stands, and the booking there is (one for each person: nobody
# sleeps in two places).
BEDS = {
    "book_bed": ("accepted", None),
    "confirm_booking": ("accepted", "provisional"),
    "record_booking_arrival": ("scheduled", "confirmed"),
    "extend_booking": ("started", "arrived"),
    "record_booking_departure": ("started", "arrived"),
    "cancel_booking": ("scheduled", "confirmed"),
}


def housed(act: str) -> tuple[str, str, str]:
    """Return the person, the CAS3 referral and the booking that an act on a bed is tried on."""
    number = list(BEDS).index(act)
    return f"X10003{number}", f"00000000-0000-4000-c000-{number:012d}", f"00000000-0000-4000-d000-{number:012d}"


_ONE, _ANOTHER, _A_THIRD = WITH_REFERRALS[:3]
# Where each operation is tried with its published example, so that it can be done.
TRIED_ON: dict[str, dict[str, str]] = {
    "plan_hand_over": {"crn": WITHOUT_REFERRALS},
    "complete_hand_over": {"crn": TO_HAND_OVER, "hand_over_id": HAND_OVERS[TO_HAND_OVER]},
    "cancel_hand_over": {"crn": WITH_REFERRALS[1], "hand_over_id": HAND_OVERS[WITH_REFERRALS[1]]},
    "ask_check": {"crn": WITHOUT_REFERRALS},
    "answer_check": {"check_id": CHECK_TO_ANSWER},
    "create_referrals": {"crn": WITHOUT_REFERRALS},
    "record_person_event": {"crn": TO_DIE},
    "limit_access": {"crn": TO_HIDE},
    "open_case_for_a_while": {"crn": ANOTHER_TEAMS},
    "submit_referral": {"referral_id": referral_of(_ONE, "draft")},
    "change_draft": {"referral_id": referral_of(_ANOTHER, "draft")},
    "move_draft": {"referral_id": referral_of(_A_THIRD, "draft")},
    "amend_referral": {"referral_id": referral_of(CHANGED_SINCE, "received")},
    "withdraw_referral": {"referral_id": referral_of(_ONE, "submitted")},
    "receive_referral": {"referral_id": referral_of(_ANOTHER, "submitted")},
    "accept_referral": {"referral_id": referral_of(_ONE, "received")},
    "reject_referral": {"referral_id": referral_of(_ANOTHER, "received")},
    "ask_query": {"referral_id": referral_of(_A_THIRD, "received")},
    "schedule_referral": {"referral_id": referral_of(_ONE, "accepted")},
    "cancel_schedule": {"referral_id": referral_of(_ONE, "scheduled")},
    "start_referral": {"referral_id": referral_of(_ANOTHER, "scheduled")},
    "record_outcome": {"referral_id": referral_of(_ONE, "started")},
    "resume_referral": {"referral_id": referral_of(RECALLED, "accepted")},
    "reopen_referral": {"referral_id": referral_of(_ONE, "rejected")},
    "put_contract": {"contract_id": "crs-acc-east"},
    "put_provider_worker": {"organisation_id": "quiet-room"},
    "read_provided_referral": {"referral_id": PROVIDED},
    "read_live_summary": {"referral_id": PROVIDED},
    "read_provided_document": {"referral_id": PROVIDED},
    "disclose_item": {"referral_id": PROVIDED},
    "list_disclosures": {"referral_id": PROVIDED},
    "withdraw_disclosure": {"referral_id": PROVIDED},
    "name_worker": {"referral_id": PROVIDED, "worker_id": "w.demo"},
    "list_named_workers": {"referral_id": PROVIDED},
    "withdraw_named_worker": {"referral_id": PROVIDED, "worker_id": "v.demo"},
    **{name: {"worker_id": COLLEAGUE} for name in ("suspend_provider_worker", "reinstate_provider_worker")},
    # Somebody whom no other example registers, moves or suspends before.
    "register_provider_worker": {"worker_id": "n.demo"},
    "receive_referral_as_provider": {"referral_id": provided_at("submitted")},
    "accept_referral_as_provider": {"referral_id": provided_at("received")},
    "reject_referral_as_provider": {"referral_id": provided_at("received to reject")},
    "ask_query_as_provider": {"referral_id": provided_at("received to ask")},
    "list_queries_as_provider": {"referral_id": provided_at("query")},
    "schedule_referral_as_provider": {"referral_id": provided_at("accepted")},
    "cancel_schedule_as_provider": {"referral_id": provided_at("scheduled to cancel")},
    "start_referral_as_provider": {"referral_id": provided_at("scheduled")},
    **{
        name: {"referral_id": provided_at("started to go on")}
        for name in (
            *("book_appointment", "record_attendance", "report_progress", "raise_concern", "acknowledge_concern"),
            *("read_progress", "read_provision", "read_progress_as_provider", "read_provision_as_provider"),
            *("decide_proposal", "read_proposals", "read_proposals_as_provider"),
            *("read_end_of_service_report", "read_end_of_service_report_as_provider"),
        )
    },
    "propose_change": {"referral_id": provided_at("started to report")},
    "write_end_of_service_report": {"referral_id": provided_at("started to report")},
    "record_outcome_as_provider": {"referral_id": provided_at("started")},
    **{operation: {"stay_id": stay_of(operation)} for operation in STAYING},
    **{operation: {"referral_id": shared_draft_of(operation)} for operation in SHARING},
    **{act: dict(zip(("referral_id", "booking_id"), housed(act)[1:], strict=True)) for act in BEDS},
    **{
        name: dict(zip(("referral_id", "booking_id"), housed("extend_booking")[1:], strict=True))
        for name in ("list_bookings", "read_booking")
    },
}
CALLERS = (
    *(Role.PRACTITIONER, Role.MANAGER, Role.ASSESSOR, Role.RECORD_SYSTEM, Role.ADMINISTRATOR, Role.AUDITOR),
    *(Role.COORDINATOR, Role.PROVIDER, Role.PREMISES),
)
# What the published examples say of days to come that must not lie before a day which, here, is today.
_DAYS = (
    *("scheduled_on", "started_on", "re_release_on", "expires_on", "expected_arrival_on", "arrived_on"),
    *("moved_on", "departed_on", "available_from", "arrival_on", "planned_on"),
)
_AHEAD = ("expected_departure_on", "departure_on")


def caller_of(operation: str) -> Role:
    """Return the first of the callers whom the permission table lets do this; a practitioner where it names nobody."""
    return next((role for role in CALLERS if permits(operation, role)), Role.PRACTITIONER)


def as_of_today(body: Any) -> Any:
    """Return an example's body with its days to come as today, so that it never goes stale."""
    if not isinstance(body, dict):
        return body
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    if "starts_at" in body:
        body = body | {"starts_at": (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=7)).isoformat()}
    ahead = (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)).isoformat()
    body = {name: ahead if name in _AHEAD else value for name, value in body.items()}
    # A re-release comes after the recall, and a start is not in the future: today is both.
    return {name: today if name in _DAYS and body.get("kind") is None else value for name, value in body.items()}
