"""The facts of one person on one day, laid out so that a rule can read any of them whether or not it was given."""

from dataclasses import dataclass
from datetime import date

from service.domain.eligibility.facts import (
    ApprovedPremisesFacts,
    Cas3Facts,
    CommissionedServicesFacts,
    CurrentAccommodation,
    DutyToReferFacts,
    Facts,
    HomeKind,
    MappaFacts,
    Sex,
)
from service.domain.eligibility.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Situation:
    """One person on one day, every group of facts present even when nothing in it is known."""

    sex: Sex | None
    tier: str | None
    home: CurrentAccommodation
    has_next_home: bool
    premises: ApprovedPremisesFacts
    cas3: Cas3Facts
    duty_to_refer: DutyToReferFacts
    services: CommissionedServicesFacts
    mappa: MappaFacts
    on: date
    thresholds: Thresholds

    @classmethod
    def of(cls, facts: Facts, on: date, thresholds: Thresholds) -> "Situation":
        """Lay the facts out for the rules; a next home nobody has mentioned is none."""
        return cls(
            sex=facts.sex,
            tier=facts.tier,
            home=facts.current_accommodation or CurrentAccommodation(),
            has_next_home=bool(facts.has_next_accommodation),
            premises=facts.approved_premises or ApprovedPremisesFacts(),
            cas3=facts.cas3 or Cas3Facts(),
            duty_to_refer=facts.duty_to_refer or DutyToReferFacts(),
            services=facts.commissioned_services or CommissionedServicesFacts(),
            mappa=facts.mappa or MappaFacts(),
            on=on,
            thresholds=thresholds,
        )

    @property
    def is_man(self) -> bool:
        """Only the code M is a man; everybody else, unknown included, follows the other branch."""
        return self.sex is Sex.M

    @property
    def has_left_prison(self) -> bool:
        """Somebody whose home is recorded as anything but prison; a home nobody has recorded is taken for prison."""
        return self.home.kind not in {None, HomeKind.PRISON}

    @property
    def in_approved_premises(self) -> bool:
        """Somebody who lives in approved premises, and has to move on from there."""
        return self.home.kind is HomeKind.APPROVED_PREMISES
