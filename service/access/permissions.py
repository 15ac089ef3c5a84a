"""The one table of who may call which operation. What is not in it is refused to everybody."""

from service.access.callers import Role, ServiceRole

PRACTITIONER, MANAGER, ASSESSOR = Role.PRACTITIONER, Role.MANAGER, Role.ASSESSOR
COORDINATOR, RECORD_SYSTEM = Role.COORDINATOR, Role.RECORD_SYSTEM
AUDITOR, ADMINISTRATOR, PROVIDER = Role.AUDITOR, Role.ADMINISTRATOR, Role.PROVIDER
PREMISES = Role.PREMISES

PROBATION = frozenset({PRACTITIONER, MANAGER})
CASE_HOLDERS = PROBATION | {RECORD_SYSTEM}
RECIPIENTS = frozenset({ASSESSOR, COORDINATOR})
PROVIDERS = frozenset({PROVIDER})
SENDERS_AND_RECIPIENTS = PROBATION | RECIPIENTS
PLACERS = PROBATION | {PREMISES}
EVERYONE = frozenset(Role)

# Anybody may call these, without a token: they say nothing about any person.
PUBLIC = frozenset(
    {
        *("read_liveness", "read_readiness", "read_metrics", "read_keys", "read_issuer_metadata"),
        *("read_directory", "read_directory_services", "read_directory_service", "read_directory_organizations"),
        # A client says there itself who it is, and gets nothing it cannot prove a right to.
        *("issue_token", "introspect_token", "revoke_token", "read_resource_metadata"),
    }
)

PERMITTED: dict[str, frozenset[Role]] = {
    # The catalogue and reference data
    "list_items": EVERYONE,
    "list_packs": EVERYONE,
    "read_pack": EVERYONE,
    "read_life_cycle": EVERYONE,
    "list_recipients": EVERYONE,
    "put_recipient": frozenset({ADMINISTRATOR}),
    "put_worker": frozenset({ADMINISTRATOR}),
    "put_client": frozenset({ADMINISTRATOR}),
    "list_clients": frozenset({ADMINISTRATOR}),
    # Cases
    "open_case": CASE_HOLDERS,
    "list_cases": PROBATION,
    "read_case": CASE_HOLDERS,
    "search_people": PROBATION,
    "open_case_for_a_while": PROBATION,
    "allocate_case": frozenset({MANAGER, RECORD_SYSTEM}),
    "limit_access": frozenset({RECORD_SYSTEM}),
    "record_person_event": CASE_HOLDERS,
    # The profile and its questions
    "read_profile": CASE_HOLDERS,
    "amend_profile": CASE_HOLDERS,
    "read_profile_history": CASE_HOLDERS,
    "list_questions": PROBATION,
    # The two checks, and risk lowered without them
    "list_checks": PROBATION,
    "list_case_checks": PROBATION,
    "ask_check": PROBATION,
    "read_chaser": PROBATION,
    "chase_check": PROBATION,
    "answer_check": PROBATION,
    "list_risk_lowerings": PROBATION,
    "give_view": frozenset({MANAGER}),
    # Hand-overs from one practitioner to another
    "plan_hand_over": PROBATION,
    "list_hand_overs": PROBATION,
    "read_hand_over": PROBATION,
    "change_hand_over": PROBATION,
    "cancel_hand_over": PROBATION,
    "complete_hand_over": frozenset({MANAGER}),
    # Eligibility and timing
    "assess_eligibility": EVERYONE,
    "read_eligibility": PROBATION,
    "read_timeline": PROBATION,
    "read_contracts_for_person": PROBATION,
    "record_screening": PROBATION,
    "list_screenings": PROBATION,
    # Referrals
    "create_referrals": PROBATION,
    "list_case_referrals": PROBATION,
    "list_referrals": SENDERS_AND_RECIPIENTS,
    "read_referral": SENDERS_AND_RECIPIENTS,
    "change_draft": PROBATION,
    "move_draft": PROBATION,
    "submit_referral": PROBATION,
    "amend_referral": PROBATION,
    "read_referral_version": SENDERS_AND_RECIPIENTS,
    "read_referral_form": SENDERS_AND_RECIPIENTS,
    "read_referral_document": SENDERS_AND_RECIPIENTS,
    "read_referral_steps": SENDERS_AND_RECIPIENTS,
    # The closed loop
    "receive_referral": RECIPIENTS,
    "accept_referral": RECIPIENTS,
    "reject_referral": RECIPIENTS,
    "ask_query": RECIPIENTS,
    "answer_query": PROBATION,
    "list_queries": SENDERS_AND_RECIPIENTS,
    "schedule_referral": RECIPIENTS,
    "cancel_schedule": RECIPIENTS,
    "start_referral": RECIPIENTS,
    # CAS3 bookings
    **dict.fromkeys(
        (
            *("book_bed", "confirm_booking", "record_booking_arrival", "extend_booking"),
            *("record_booking_departure", "cancel_booking"),
        ),
        RECIPIENTS,
    ),
    "list_bookings": SENDERS_AND_RECIPIENTS,
    "read_booking": SENDERS_AND_RECIPIENTS,
    "list_case_bookings": PROBATION,
    "record_outcome": RECIPIENTS,
    "reopen_referral": SENDERS_AND_RECIPIENTS,
    "withdraw_referral": PROBATION,
    "resume_referral": PROBATION,
    "read_work": SENDERS_AND_RECIPIENTS,
    # Commissioned providers
    "put_organisation": frozenset({ADMINISTRATOR}),
    "put_provider_worker": frozenset({ADMINISTRATOR}),
    "put_contract": frozenset({ADMINISTRATOR}),
    "list_contracts": EVERYONE,
    "list_provided_referrals": frozenset({PROVIDER}),
    "read_provided_referral": frozenset({PROVIDER}),
    "read_live_summary": frozenset({PROVIDER}),
    "list_provider_changes": frozenset({PROVIDER}),
    "acknowledge_change": frozenset({PROVIDER}),
    "list_changes_told": PROBATION,
    "read_provided_document": frozenset({PROVIDER}),
    "disclose_item": PROBATION,
    "list_disclosures": PROBATION,
    "withdraw_disclosure": PROBATION,
    "name_worker": PROBATION,
    "list_named_workers": PROBATION,
    "withdraw_named_worker": PROBATION,
    "list_provider_workers": PROVIDERS,
    "register_provider_worker": PROVIDERS,
    "suspend_provider_worker": PROVIDERS,
    "reinstate_provider_worker": PROVIDERS,
    # What a commissioned provider does
    "receive_referral_as_provider": PROVIDERS,
    "accept_referral_as_provider": PROVIDERS,
    "reject_referral_as_provider": PROVIDERS,
    "schedule_referral_as_provider": PROVIDERS,
    "cancel_schedule_as_provider": PROVIDERS,
    "start_referral_as_provider": PROVIDERS,
    "record_outcome_as_provider": PROVIDERS,
    "ask_query_as_provider": PROVIDERS,
    "list_queries_as_provider": PROVIDERS,
    "book_appointment": PROVIDERS,
    "record_attendance": PROVIDERS,
    "report_progress": PROVIDERS,
    "raise_concern": PROVIDERS,
    "read_progress_as_provider": PROVIDERS,
    "read_provision_as_provider": PROVIDERS,
    "propose_change": PROVIDERS,
    "read_proposals_as_provider": PROVIDERS,
    "write_end_of_service_report": PROVIDERS,
    "read_end_of_service_report_as_provider": PROVIDERS,
    "read_progress": PROBATION,
    "read_provision": PROBATION,
    "acknowledge_concern": PROBATION,
    "read_proposals": PROBATION,
    "decide_proposal": PROBATION,
    "read_end_of_service_report": PROBATION,
    # Approved premises and stays
    "put_premises": frozenset({ADMINISTRATOR}),
    "read_premises": PLACERS | {ADMINISTRATOR},
    "list_premises": PLACERS | {ADMINISTRATOR},
    "expect_arrival": PLACERS,
    "list_stays": PLACERS,
    "list_case_stays": PROBATION,
    "read_stay": PLACERS,
    "reschedule_arrival": PLACERS,
    "record_arrival": PLACERS,
    "extend_stay": PLACERS,
    "transfer_stay": PLACERS,
    "record_departure": PLACERS,
    "record_non_arrival": PLACERS,
    "cancel_stay": PLACERS,
    "name_key_worker": PLACERS,
    # Work on moving on that practitioner and premises share
    "list_stay_referrals": PLACERS,
    "read_holding": PLACERS,
    "pass_work": PLACERS,
    "read_shared_questions": frozenset({PREMISES}),
    "answer_shared_questions": frozenset({PREMISES}),
    "submit_shared_referral": frozenset({PREMISES}),
    # Moving on from approved premises
    "read_board": PLACERS,
    "read_move_on": PLACERS,
    "record_move_on_plan": PLACERS,
    "record_home": PLACERS,
    "record_stay_outcome": PROBATION,
    # The record of access
    "list_accesses": PROBATION,
    "read_provider_view": PROBATION,
    "search_audit": frozenset({AUDITOR}),
}


def permits(operation: str, role: Role | ServiceRole) -> bool:
    """Whether a role may call an operation; an operation nobody has decided about is refused."""
    return role in PERMITTED.get(operation, frozenset())
