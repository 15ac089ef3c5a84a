"""One answer per service for a person on a day, from the facts alone."""

from collections.abc import Callable, Mapping
from datetime import date

from service.domain.eligibility.approved_premises import assess_approved_premises
from service.domain.eligibility.cas3 import assess_cas3
from service.domain.eligibility.commissioned_services import assess_commissioned_services
from service.domain.eligibility.duty_to_refer import assess_duty_to_refer
from service.domain.eligibility.facts import Facts
from service.domain.eligibility.lines import Line, Service
from service.domain.eligibility.mappa import assess_mappa
from service.domain.eligibility.proposed_address import assess_proposed_address
from service.domain.eligibility.situations import Situation
from service.domain.eligibility.thresholds import Thresholds

ASSESSED_BY: Mapping[Service, Callable[[Situation], Line]] = {
    Service.APPROVED_PREMISES: assess_approved_premises,
    Service.CAS3: assess_cas3,
    Service.COMMISSIONED_SERVICES: assess_commissioned_services,
    Service.DUTY_TO_REFER: assess_duty_to_refer,
    Service.PROPOSED_ADDRESS: assess_proposed_address,
    Service.MAPPA: assess_mappa,
}


def assess(facts: Facts, on: date, thresholds: Thresholds) -> dict[str, Line]:
    """Answer for every service, keyed by its code. Never fails: facts nobody gave are facts not known."""
    situation = Situation.of(facts, on, thresholds)
    return {service.value: answer(situation) for service, answer in ASSESSED_BY.items()}
