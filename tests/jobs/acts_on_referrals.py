"""What is done to a referral that was sent: its way, its versions, and questions about it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx import Response
from hypothesis import strategies as st

from service.access.callers import Role
from service.domain.lifecycle import Condition
from tests.jobs.provider_services import Place, Service
from tests.jobs.provider_worlds import AS_OF, KIM, REFERRALS, World
from tests.routes.amending import amendment

BY_SENDER = frozenset({"withdrawal", "reopening", "resumption"})
ONWARD = {
    "submitted": "receipt",
    "received": "acceptance",
    "accepted": "scheduling",
    "scheduled": "start",
    "started": "outcome",
    "rejected": "reopening",
}


async def _take(service: Service, place: Place, referral: int, action: str) -> Response:
    path, today = f"referrals/{place.referrals[referral]}", service.clock.now.date()
    bodies: Mapping[str, Any] = {
        "rejection": {"reason": "no_capacity"},
        "scheduling": {"scheduled_on": today.isoformat()},
        "start": {"started_on": today.isoformat()},
        "outcome": {"reason": "completed"},
        "withdrawal": {"reason": "need_met_elsewhere", "note": "Elsewhere."},
        "reopening": {"reason": "new_information", "note": "There is room."},
        "resumption": {"re_release_on": (today + datetime.timedelta(days=1)).isoformat()},
    }
    if action in BY_SENDER:
        return await service.clients[Role.PRACTITIONER].post(f"/v1/{path}/{action}", json=bodies[action])
    provider, body = await service.provider(place, referral), bodies.get(action)
    if action == "receipt":
        body = {"version": (await provider.get(f"/v1/provider/{path}")).json().get("version", 1)}
    return await provider.post(f"/v1/provider/{path}/{action}", json=body)


@dataclass(frozen=True)
class End:
    """The provider rejects a referral, or the practitioner withdraws it."""

    referral: int
    action: str

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        return await _take(service, place, self.referral, self.action)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        world.referrals[self.referral].moves("rejected" if self.action == "rejection" else "withdrawn", world.now)


@dataclass(frozen=True)
class Receive:
    """The provider receives the newest version."""

    referral: int

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        return await _take(service, place, self.referral, "receipt")

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        sent = world.referrals[self.referral]
        sent.received = sent.version
        sent.moves("received" if sent.status == "submitted" else sent.status, world.now)


@dataclass(frozen=True)
class Onward:
    """A referral goes the next step on its way, is opened again, or is resumed after a recall."""

    referral: int

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path = f"/v1/referrals/{place.referrals[self.referral]}"
        stands = (await service.clients[Role.PRACTITIONER].get(path)).json()
        if stands.get("status_reason") == Condition.SUSPENDED:
            return await _take(service, place, self.referral, "resumption")
        action = ONWARD.get(stands.get("status", ""))
        return await _take(service, place, self.referral, action) if action else Response(404)

    def happen(self, world: World, answer: Mapping[str, Any]) -> None:
        """Have it happen: whichever step it was, it led to where the answer says."""
        sent = world.referrals[self.referral]
        if sent.status == "submitted" and answer["status"] == "received":
            sent.received = sent.version
        sent.moves(answer["status"], world.now)


@dataclass(frozen=True)
class Amend:
    """The practitioner sends a new version, and may say who must not receive it."""

    referral: int
    listed: tuple[str, ...] | None

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        names = [name if name == KIM else place.named(name) for name in self.listed or ()]
        rows = [{"name": name.upper(), "reason": "A relative."} for name in names]
        body = amendment(**{} if self.listed is None else {"must_not_receive": rows})
        path = f"/v1/referrals/{place.referrals[self.referral]}/amendments"
        return await service.clients[Role.PRACTITIONER].post(path, json=body)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen: what changes of its own, and then what is sent, are a revision each."""
        sent = world.referrals[self.referral]
        sent.version, sent.revision = sent.version + 1, sent.revision + 2
        if self.listed is not None:
            world.listed[self.referral] = frozenset(self.listed)


@dataclass(frozen=True)
class Ask:
    """The provider asks something, or has a concern; or the practitioner answers, and it changes the profile too."""

    referral: int
    act: str

    async def do(self, service: Service, place: Place) -> Response:
        """Do it."""
        path, provider = f"referrals/{place.referrals[self.referral]}", await service.provider(place, self.referral)
        if self.act == "concern":
            body = {"about": "person", "text": "They look unwell."}
            return await provider.post(f"/v1/provider/{path}/concerns", json=body)
        if self.act == "ask":
            return await provider.post(f"/v1/provider/{path}/queries", json={"question": "Which days suit?"})
        practitioner = service.clients[Role.PRACTITIONER]
        listed = (await practitioner.get(f"/v1/{path}/queries")).json().get("items", ())
        unanswered = next((one["id"] for one in listed if one["answer"] is None), None)
        if unanswered is None:
            return Response(404)
        answers = {"risk_overall_level": {"value": "high", "as_of": AS_OF}}
        said = {"answer": "Any but Monday.", "answers": answers}
        return await practitioner.post(f"/v1/{path}/queries/{unanswered}/answer", json=said)

    def happen(self, world: World, _answer: Mapping[str, Any]) -> None:
        """Have it happen."""
        sent = world.referrals[self.referral]
        if self.act == "concern":
            sent.concerns += 1
            return
        sent.open_queries += 1 if self.act == "ask" else -1
        sent.moves("query" if sent.open_queries else "received", world.now)
        if self.act == "answer":
            world.answers[sent.person]["risk_overall_level"] = {"value": "high", "as_of": AS_OF}


referral = st.integers(0, len(REFERRALS) - 1)
LISTS = [None, (), ("third",), ("sub",), ("prime-2",), ("sub-1",), ("prime-2", "third"), (KIM,)]
MOVES = st.one_of(
    st.builds(Onward, referral),
    st.builds(Onward, referral),
    st.builds(Receive, referral),
    st.builds(End, referral, st.sampled_from(["rejection", "rejection", "withdrawal"])),
)
AMENDMENTS = st.builds(Amend, referral, st.sampled_from(LISTS))
QUESTIONS = st.builds(Ask, referral, st.sampled_from(["ask", "answer", "concern"]))
