"""Examples for the published description (OpenAPI): one for each parameter that names something, one for each body.

The person and the recipients are those of the invented cases that a development machine starts with.
"""

from typing import Any

PARAMETERS: dict[str, Any] = {
    "crn": "X100001",
    "referral_id": "5f0c7a52-3f1e-4b8a-9a53-0d6a2f1c9e10",
    "query_id": "8d9a3c0e-6f4b-4c1d-8b7e-2a5f0e1d3c4b",
    "number": 1,
    "pack": "approved_premises",
    "packs": "approved_premises,cas3",
    "recipient": "ap-unit-south",
    "recipient_id": "ap-unit-example",
    "worker_id": "casey.invented",
    "organisation_id": "example-homes",
    "contract_id": "crs-acc-example",
    "disclosure_id": "2b1f6a34-9c0d-4e57-8a86-1f0c9d7e5b20",
    "item": "sentence_release_date",
    "If-Match": '"1"',
    "If-None-Match": '"1"',
    "Idempotency-Key": "0b6f2c1a-9c39-4f0e-8a3e-7f6f3b2f6a11",
}

_ASKED_FOR = {
    "domestic_abuse_check_outstanding": "Asked for on Monday; the police answer in a week.",
    "child_safeguarding_check_outstanding": "Asked for on Monday; children's services answer in a week.",
}
BODIES: dict[str, Any] = {
    "open_case": {"crn": "X100101", "region": "east_of_england", "capacity": "community_practitioner"},
    "open_case_for_a_while": {"kind": "reason", "reason": "The practitioner is away, and the person is at the desk."},
    "allocate_case": {"capacity": "prison_practitioner", "worker_id": "m.demo"},
    "limit_access": {"restricted": True, "allowed": ["p.demo", "m.demo"], "excluded": []},
    "record_person_event": {"kind": "recall_fixed_term", "happened_on": "2026-11-02", "re_release_on": "2026-11-30"},
    "search_people": {"family_name": "Invented", "date_of_birth": "1985-03-23"},
    "amend_profile": {"answers": {"religion": {"value": "Islam", "as_of": "2026-11-02"}}},
    "create_referrals": {
        "packs": [
            {"pack": "approved_premises", "recipient": "ap-unit-south"},
            {"pack": "cas3"},
            {"pack": "commissioned_services", "recipient": "crs-acc-east", "service_category": "acc"},
        ]
    },
    "change_draft": {"recipient": "ap-unit-south", "read": {}, "answers": {}, "variants": {}},
    "move_draft": {"version": "2026-11"},
    "submit_referral": {"reasons": _ASKED_FOR},
    "amend_referral": {"reason": "The release date has moved by two weeks.", "reasons": _ASKED_FOR},
    "receive_referral": {"version": 1},
    "accept_referral": {"note": "A place is being looked for."},
    "reject_referral": {"reason": "risk_to_residents", "note": "Two people with the same known rivals live here."},
    "schedule_referral": {"scheduled_on": "2027-06-21", "note": "Arrival before three in the afternoon."},
    "cancel_schedule": {"reason": "practitioner_asked"},
    "start_referral": {"started_on": "2026-11-23"},
    "record_outcome": {"reason": "planned_move_on"},
    "reopen_referral": {"reason": "new_information", "note": "A place further away has been agreed."},
    "resume_referral": {"re_release_on": "2027-01-15", "note": "Released again after 28 days."},
    "receive_referral_as_provider": {"version": 1},
    "accept_referral_as_provider": {"note": "A first meeting is being arranged."},
    "reject_referral_as_provider": {"reason": "no_capacity"},
    "schedule_referral_as_provider": {"scheduled_on": "2027-06-21", "note": "At ten in the morning."},
    "cancel_schedule_as_provider": {"reason": "practitioner_asked"},
    "start_referral_as_provider": {"started_on": "2026-11-23"},
    "record_outcome_as_provider": {"reason": "completed"},
    "ask_query_as_provider": {"question": "Is there a day of the week that suits best?", "about": []},
    "withdraw_referral": {"reason": "changed_circumstances"},
    "ask_query": {"question": "Has the learning assessment been done, and by whom?", "about": []},
    "answer_query": {"answer": "Yes, in October, by the prison's education team.", "answers": {}},
    "record_screening": {
        "category": "2",
        "level": "1",
        "reason": "A sentence over twelve months for a violent offence; one agency can manage it.",
        "screened_on": "2026-11-02",
        "review_on": "2027-02-02",
    },
    "assess_eligibility": {
        "on": "2026-11-23",
        "sex": "M",
        "tier": "B2",
        "current_accommodation": {"kind": "prison", "ends_on": "2027-02-01"},
        "has_next_accommodation": False,
    },
    "put_worker": {"name": "Casey Invented", "team": "demo-team", "region": "east_of_england", "active": True},
    "put_recipient": {
        "pack": "approved_premises",
        "name": "Approved premises referral unit, Example (invented)",
        "organisation": "national-assessment",
        "area": "south",
    },
    "put_organisation": {"name": "Example Homes (invented)", "description": "Finds homes and keeps them."},
    "put_provider_worker": {"name": "Casey Invented", "administrator": True},
    "put_contract": {
        "title": "Accommodation, Example (invented)",
        "contract_type": "acc",
        "categories": ["acc"],
        "area_kind": "region",
        "areas": ["east_of_england"],
        "starts_on": "2026-04-01",
        "prime": "harbour-homes",
    },
    "disclose_item": {
        "organisation": "harbour-homes",
        "item": "mappa_level",
        "gateway": "mappa_decision",
        "reason": "The level 2 meeting decided that the landlord must know who else is involved.",
        "expires_on": "2026-12-31",
    },
    "search_audit": {"crn": "X100001", "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "limit": 50},
}
