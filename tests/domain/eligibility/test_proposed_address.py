"""A proposed private address: done with any next home, and held back while CAS1 or CAS3 is asked."""

from itertools import product

import pytest

from service.domain.eligibility.lines import Service
from tests.domain.eligibility.making import line, line_for, make_facts

NOT_STARTED = line("not_started", "add_and_confirm_proposed_address")
RUNNING_IN_PREMISES = [
    "unallocated_assessment",
    "awaiting_assessment",
    "assessment_in_progress",
    "requested_further_information",
    "pending_placement_request",
    "awaiting_placement",
    "placement_allocated",
]
OVER_IN_PREMISES = [None, "started", "rejected", "expired", "inapplicable", "withdrawn"]
RUNNING_IN_CAS3 = ["submitted", "requested_further_information"]
OVER_IN_CAS3 = [None, "draft", "rejected"]


@pytest.mark.parametrize(
    ("premises", "cas3"),
    list(product([*RUNNING_IN_PREMISES, *OVER_IN_PREMISES], [*RUNNING_IN_CAS3, *OVER_IN_CAS3])),
)
def test_an_address_is_proposed_unless_an_application_is_running(premises: str | None, cas3: str | None) -> None:
    facts = make_facts(approved_premises={"application": premises}, cas3={"application": cas3})
    reasons = ["suitable_cas1_application"] * (premises in RUNNING_IN_PREMISES)
    reasons += ["suitable_cas3_application"] * (cas3 in RUNNING_IN_CAS3)
    expected = line("not_eligible", None, None, *reasons) if reasons else NOT_STARTED

    assert line_for(Service.PROPOSED_ADDRESS, facts) == expected


@pytest.mark.parametrize("application", [None, *RUNNING_IN_PREMISES])
def test_any_next_home_completes_it(application: str | None) -> None:
    facts = make_facts(has_next_accommodation=True, approved_premises={"application": application})

    assert line_for(Service.PROPOSED_ADDRESS, facts) == line("completed")


def test_a_next_home_nobody_mentioned_is_none() -> None:
    assert line_for(Service.PROPOSED_ADDRESS, make_facts(has_next_accommodation=None)) == NOT_STARTED
