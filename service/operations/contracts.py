"""Which contracts a person could be referred to, and whether a contract takes referrals at all today."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.catalogue.services import service_categories
from service.conflicts import ContractNotInForce
from service.db import Session
from service.domain.calendar import british_day
from service.domain.contracts import (
    ITEMS,
    Fit,
    Misfit,
    Referred,
    Terms,
    judge,
    names_under,
    referred_of,
    why_not_in_force,
)
from service.errors import FieldError, InvalidInput
from service.operations.actors import Actor
from service.schemas.contracts import ContractJudged, ContractsJudged, MisfitShown, ReferredShown
from service.store import contracts as store
from service.store.profiles import StoredProfile

Contract = Mapping[str, Any]
DETAILS: dict[Misfit, str] = {
    Misfit.NOT_BEGUN: "The contract has not begun.",
    Misfit.ENDED: "The contract has ended.",
    Misfit.ORGANISATION_SUSPENDED: "The organisation that holds the contract is suspended.",
    Misfit.RECIPIENT_INACTIVE: "Referrals are not taken here any more.",
    Misfit.ANOTHER_CATEGORY: "The contract does not hold this service category.",
    Misfit.ANOTHER_PLACE: "The contract is for another place.",
    Misfit.ANOTHER_SEX: "The contract is for people of another sex.",
    Misfit.TOO_YOUNG: "The person is younger than the contract takes.",
    Misfit.TOO_OLD: "The person is older than the contract takes.",
}
_ORDER = list(Fit)


@dataclass(frozen=True, slots=True)
class ContractsWanted:
    """Which contracts are asked about: those of a service category; and where the person is, which no item holds."""

    category: str | None = None
    police_area: str | None = None


async def contracts_for(
    session: Session, case: Mapping[str, Any], profile: StoredProfile, wanted: ContractsWanted, actor: Actor
) -> ContractsJudged:
    """Judge every contract for a visible person today; InvalidInput for a service category there is not."""
    if wanted.category is not None and wanted.category not in service_categories():
        fault = FieldError("/query/category", "unknown-category", "There is no such category of service.")
        raise InvalidInput(errors=[fault])
    today = british_day(actor.now)
    person = referred_of(profile.answers, case["region"], wanted.police_area, today)
    actor.record.shows([case["crn"]], [item for item in ITEMS if item in profile.answers])
    found = [_judged(row, person, wanted.category, actor) for row in await store.all_contracts(session)]
    facts = ReferredShown(region=person.region, police_area=person.police_area, sex=person.sex, age=person.age)
    items = sorted(found, key=lambda one: (_ORDER.index(one.fit), one.id))
    return ContractsJudged(crn=case["crn"], on=today, facts=facts, unknown=person.unknown, items=items)


def _judged(row: Contract, person: Referred, category: str | None, actor: Actor) -> ContractJudged:
    judgement = judge(terms_of(row), person, category, british_day(actor.now))
    by_part = {part: [one["organisation"] for one in row["members"] if one["part"] == part] for part in PARTS}
    return ContractJudged(
        id=row["id"],
        title=row["title"],
        categories=row["categories"],
        prime=next(iter(by_part["prime"]), None),
        subcontractors=by_part["subcontractor"],
        fit=judgement.fit,
        reasons=[MisfitShown(code=reason, detail=DETAILS[reason]) for reason in judgement.reasons],
        unknown=judgement.unknown,
    )


PARTS = ("prime", "subcontractor")


def terms_of(row: Contract) -> Terms:
    """Return a stored contract as the decisions take it."""
    named = ("id", "area_kind", "areas", "categories", "sex", "minimum_age", "maximum_age", "starts_on", "ends_on")
    prime_active = any(one["part"] == "prime" and one["active"] for one in row["members"])
    return Terms(
        **{name: row[name] for name in named}, recipient_active=row["recipient_active"], prime_active=prime_active
    )


def faults_in_contract(contract: Contract | None, place: str, actor: Actor) -> list[FieldError]:
    """Return why a referral cannot be addressed to a contract today; a recipient without one is held to nothing."""
    if contract is None:
        return []
    reasons = why_not_in_force(terms_of(contract), british_day(actor.now))
    return [FieldError(place, f"contract-{reason.replace('_', '-')}", DETAILS[reason]) for reason in reasons]


def require_in_force(contract: Contract | None, actor: Actor) -> None:
    """Refuse to send to a contract that has ended, has not begun, or whose organisation is suspended."""
    if faults := faults_in_contract(contract, "/recipient", actor):
        raise ContractNotInForce(" ".join(fault.detail for fault in faults), errors=faults)


async def contract_of(session: Session, recipient: str | None) -> Contract | None:
    """Return a recipient's contract, or None where it has none."""
    return (await store.contracts_of(session, [recipient] if recipient else [])).get(recipient or "")


def names_of(contract: Contract | None) -> dict[str, str]:
    """Return the ids and names of the prime provider and its subcontractors."""
    return names_under(contract["members"]) if contract is not None else {}
