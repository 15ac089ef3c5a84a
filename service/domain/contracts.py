"""Which contracts of commissioned services a person could be referred to, and every reason why not to the others."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.domain.profiles import Answers


class Misfit(StrEnum):
    """Why a contract does not take somebody."""

    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    ORGANISATION_SUSPENDED = "organisation_suspended"
    RECIPIENT_INACTIVE = "recipient_inactive"
    ANOTHER_CATEGORY = "another_category"
    ANOTHER_PLACE = "another_place"
    ANOTHER_SEX = "another_sex"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"


class Fact(StrEnum):
    """What a contract turns on, and nobody may have said of a person."""

    REGION = "region"
    POLICE_AREA = "police_area"
    SEX = "sex"
    AGE = "age"


class Fit(StrEnum):
    """Whether a contract takes somebody; it cannot be told while a fact it turns on is unknown."""

    FITS = "fits"
    CANNOT_TELL = "cannot_tell"
    DOES_NOT_FIT = "does_not_fit"


# The items the facts are read from: all that a caller who asks is shown of a profile.
ITEMS = ("sex", "date_of_birth", "practitioner_region")
# Contracts are for women, for men, or for anybody; what else is recorded settles nothing.
SEXES = frozenset({"female", "male"})


@dataclass(frozen=True, slots=True)
class Referred:
    """What is known of somebody that contracts turn on; None is not known."""

    region: str | None = None
    police_area: str | None = None
    sex: str | None = None
    age: int | None = None

    @property
    def unknown(self) -> list[Fact]:
        """Return the facts nobody has said."""
        return [fact for fact in Fact if getattr(self, fact) is None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says of itself, with whether its recipient and its prime provider are at work."""

    id: str
    area_kind: str
    areas: Sequence[str]
    categories: Sequence[str]
    sex: str
    minimum_age: int
    maximum_age: int
    starts_on: datetime.date
    ends_on: datetime.date | None
    recipient_active: bool = True
    prime_active: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one contract fits: every reason against it, and the unknown facts that would have to be known."""

    reasons: list[Misfit]
    unknown: list[Fact]

    @property
    def fit(self) -> Fit:
        """Return what follows: one reason is enough, whatever is unknown besides."""
        if self.reasons:
            return Fit.DOES_NOT_FIT
        return Fit.CANNOT_TELL if self.unknown else Fit.FITS


def referred_of(answers: Answers, region: str | None, police_area: str | None, today: datetime.date) -> Referred:
    """Return what contracts turn on, from the case's region and its profile; no item holds a police area."""
    sex, born = _value(answers, "sex"), _value(answers, "date_of_birth")
    return Referred(
        region=region or _value(answers, "practitioner_region"),
        police_area=police_area,
        sex=sex if sex in SEXES else None,
        age=_age(datetime.date.fromisoformat(born), today) if born else None,
    )


def _value(answers: Answers, item: str) -> Any:
    answer = answers.get(item)
    return answer["value"] if answer is not None else None


def _age(born: datetime.date, today: datetime.date) -> int:
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday)


def judge(terms: Terms, person: Referred, category: str | None, today: datetime.date) -> Judgement:
    """Return how a contract fits somebody on a day, for a service category where one is asked about."""
    judgement = Judgement(why_not_in_force(terms, today), [])
    if category is not None and category not in terms.categories:
        judgement.reasons.append(Misfit.ANOTHER_CATEGORY)
    _judge_place(terms, person, judgement)
    _judge_sex(terms, person, judgement)
    _judge_age(terms, person, judgement)
    return judgement


def why_not_in_force(terms: Terms, today: datetime.date) -> list[Misfit]:
    """Return why nobody at all is referred to a contract on a day; its last day is one on which it is in force."""
    reasons = []
    if today < terms.starts_on:
        reasons.append(Misfit.NOT_BEGUN)
    if terms.ends_on is not None and today > terms.ends_on:
        reasons.append(Misfit.ENDED)
    if not terms.prime_active:
        reasons.append(Misfit.ORGANISATION_SUSPENDED)
    if not terms.recipient_active:
        reasons.append(Misfit.RECIPIENT_INACTIVE)
    return reasons


def _judge_place(terms: Terms, person: Referred, judgement: Judgement) -> None:
    fact = Fact(terms.area_kind)
    place: str | None = getattr(person, fact)
    if place is None:
        judgement.unknown.append(fact)
    elif _plain(place) not in {_plain(area) for area in terms.areas}:
        judgement.reasons.append(Misfit.ANOTHER_PLACE)


def _plain(place: str) -> str:
    """Return a place's name as it is compared: `North West`, `north-west` and `north_west` are one place."""
    return "_".join(place.casefold().replace("_", " ").replace("-", " ").replace(",", " ").split())


def _judge_sex(terms: Terms, person: Referred, judgement: Judgement) -> None:
    if terms.sex == "any":
        return
    if person.sex is None:
        judgement.unknown.append(Fact.SEX)
    elif person.sex != terms.sex:
        judgement.reasons.append(Misfit.ANOTHER_SEX)


def _judge_age(terms: Terms, person: Referred, judgement: Judgement) -> None:
    if person.age is None:
        judgement.unknown.append(Fact.AGE)
    elif person.age < terms.minimum_age:
        judgement.reasons.append(Misfit.TOO_YOUNG)
    elif person.age > terms.maximum_age:
        judgement.reasons.append(Misfit.TOO_OLD)


def names_under(members: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the ids and names of everybody who works under a contract, as a must-not-receive list may have them."""
    names = {f"member {member['organisation']}": member["organisation"] for member in members}
    return names | {f"name of {member['organisation']}": member["name"] for member in members}
