"""What happens to a person: their profile, who may see them, and what ends, suspends or moves their referrals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx import Response
from hypothesis import strategies as st

from service.access.callers import Role
from service.domain.lifecycle import OPEN_STATUSES
from tests.jobs.provider_services import PRACTITIONER, Place, Service
from tests.jobs.provider_worlds import AS_OF, PEOPLE, World

RESIDENCE, CURFEW = {"kind": "residence", "detail": "As told."}, {"kind": "curfew", "detail": "From nine."}
VALUES: dict[str, list[Any]] = {
    "risk_overall_level": ["low", "medium", "very_high"],
    "risk_children_level": [
        {"community": level, "custody": held} for level in ("low", "high") for held in ("low", "high")
    ],
    "licence_conditions": [[RESIDENCE], [RESIDENCE, CURFEW], [CURFEW]],
    "safeguarding_concerns": [True, False],
    "safeguarding_detail": ["A neighbour was hurt.", "A child was hurt."],
    "coping_detail": ["Better.", "Worse."],
    "mappa_level": ["level_2", "level_3"],
    "risk_imminence": ["imminent", "likely"],
}


@dataclass(frozen=True)
class Edit:
    """The practitioner answers something in the profile."""

    person: str
    answer: tuple[str, Any]

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        item, value = self.answer
        body = {"answers": {item: {"value": value, "as_of": AS_OF}}}
        client, path = service.clients[Role.PRACTITIONER], f"/v1/cases/{place.crn(self.person)}/profile"
        return await client.patch(path, json=body, headers={"If-Match": "*"})

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        item, value = self.answer
        world.answers[self.person][item] = {"value": value, "as_of": AS_OF}


@dataclass(frozen=True)
class LimitAccess:
    """The record system says who may not see a person."""

    person: str
    restricted: bool
    excluded: tuple[str, ...]

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        excluded = [place.named(one) for one in self.excluded]
        body = {"restricted": self.restricted, "allowed": [PRACTITIONER], "excluded": excluded}
        path = f"/v1/cases/{place.crn(self.person)}/limited-access"
        return await service.clients[Role.RECORD_SYSTEM].put(path, json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        world.restricted[self.person], world.excluded[self.person] = self.restricted, frozenset(self.excluded)


@dataclass(frozen=True)
class PersonEvent:
    """A death, a recall, a transfer or a merge."""

    person: str
    kind: str

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        body = {"kind": self.kind, "happened_on": service.clock.now.date().isoformat()}
        if self.kind == "transfer":
            body |= {"region": "london", "worker_id": PRACTITIONER}
        if self.kind == "merge":
            body |= {"surviving_crn": place.crn(self._survivor)}
        path = f"/v1/cases/{place.crn(self.person)}/events"
        return await service.clients[Role.PRACTITIONER].post(path, json=body)

    @property
    def _survivor(self) -> str:
        return next(one for one in PEOPLE if one != self.person)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen. Who works with a person is not for a provider to know, so that a transfer changes nothing."""
        if self.kind == "merge":
            _merge(world, self.person, self._survivor)
            return
        for _, sent in world.of(self.person):
            if sent.is_open and self.kind != "transfer":
                sent.moves(sent.status if self.kind == "recall_fixed_term" else "withdrawn", world.now)


def _merge(world: World, person: str, survivor: str) -> None:
    here, there = (dict(world.of(one)) for one in (survivor, person))
    # The two that are a duplicate of each other: the one further on its way is kept, else the survivor's.
    kept, other = here.get(0) or there[0], there.get(2) or here[2]
    mine, theirs = (kept, other) if kept.person == survivor else (other, kept)
    if mine.is_open and theirs.is_open:
        is_further = OPEN_STATUSES.index(theirs.status) > OPEN_STATUSES.index(mine.status)
        (mine if is_further else theirs).moves("withdrawn", world.now)
    for sent in there.values():
        sent.person, sent.revision = survivor, sent.revision + 1
    world.answers[survivor] = {**world.answers[person], **world.answers[survivor]}
    world.restricted[survivor] |= world.restricted[person]
    world.excluded[survivor] |= world.excluded[person]


person = st.sampled_from(PEOPLE)
EDITS = st.builds(Edit, person, st.sampled_from([(item, value) for item, some in VALUES.items() for value in some]))
LIMITS = st.builds(LimitAccess, person, st.booleans(), st.sampled_from([(), ("prime-2",), ("prime-2", "sub-1")]))
EVENTS = st.builds(
    PersonEvent,
    person,
    st.sampled_from(["recall_fixed_term"] * 3 + ["transfer"] * 2 + ["merge"] * 2 + ["recall_standard", "death"]),
)
