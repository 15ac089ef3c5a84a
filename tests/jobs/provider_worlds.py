"""A provider's world in a few lines: who may see which referral, and what a change of anything owes to whose feed.

Nothing here asks the service. What is shown of an item is the one decision about disclosure, which has tests of its
own.
"""

import copy
import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.catalogue.disclosures import disclosure_table
from service.domain.disclosure import changed_items, end_of, live_view
from service.operations.provided_referrals import relevant
from tests.make import A_MONDAY

ORGANISATIONS = ("prime", "sub", "third")
# Two of the prime's, so that one can be kept from a person whom the other sees.
WORKERS = {"prime-1": "prime", "prime-2": "prime", "sub-1": "sub", "third-1": "third"}
PEOPLE = ("one", "other")
# By number: whose, and where it stands at first.
REFERRALS = (("one", "received"), ("one", "accepted"), ("other", "submitted"))
AS_OF = "2026-11-01"
ENDED = frozenset({"completed", "rejected", "withdrawn", "expired"})
CLOSING_DAYS = 28
Entry = tuple[int, str, tuple[str, ...]]
View = dict[int, dict[str, Any]]


@dataclass
class Sent:
    """A referral that was sent to the contract."""

    person: str
    status: str
    since: datetime.datetime = A_MONDAY
    received: int = 1
    revision: int = 1


@dataclass
class Disclosed:
    """A decision to disclose an item to an organisation for a referral."""

    referral: int
    organisation: str
    item: str
    expires_at: datetime.datetime
    id: str
    withdrawn: bool = False


def _referrals() -> dict[int, Sent]:
    return {
        number: Sent(person, status, received=0 if status == "submitted" else 1)
        for number, (person, status) in enumerate(REFERRALS)
    }


@dataclass
class World:
    """Everything that decides what anybody may see."""

    now: datetime.datetime = A_MONDAY
    answers: dict[str, dict[str, Any]] = field(default_factory=lambda: {person: {} for person in PEOPLE})
    restricted: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(PEOPLE, False))
    excluded: dict[str, frozenset[str]] = field(default_factory=lambda: dict.fromkeys(PEOPLE, frozenset()))
    members: frozenset[str] = frozenset({"prime", "sub"})
    needs: tuple[str, ...] = ()
    active: frozenset[str] = frozenset(ORGANISATIONS)
    at_work: frozenset[str] = frozenset(WORKERS)
    referrals: dict[int, Sent] = field(default_factory=_referrals)
    disclosed: list[Disclosed] = field(default_factory=list)
    recalls: frozenset[tuple[str, datetime.date]] = frozenset()

    def sees(self, organisation: str, number: int) -> bool:
        """Whether an organisation has sight of a referral, whoever works for it."""
        sent = self.referrals[number]
        is_over = sent.status in ENDED and sent.since <= self.now - datetime.timedelta(days=CLOSING_DAYS)
        return organisation in self.members & self.active and not is_over and not self.restricted[sent.person]

    def view(self, organisation: str) -> View:
        """Return all that an organisation may see, by referral."""
        return {
            number: self._shown(organisation, number) for number in self.referrals if self.sees(organisation, number)
        }

    def _shown(self, organisation: str, number: int) -> dict[str, Any]:
        sent = self.referrals[number]
        items = {
            one.item
            for one in self.disclosed
            if (one.referral, one.organisation) == (number, organisation)
            and not one.withdrawn
            and one.expires_at > self.now
        }
        answers = relevant(self.answers[sent.person], list(self.needs))
        stands = (sent.status, sent.since, sent.received, sent.revision)
        return {"stands": stands, "live": live_view(disclosure_table(), answers, items)}

    def view_of(self, worker: str) -> View:
        """Return all that one worker may see."""
        if worker not in self.at_work:
            return {}
        shown = self.view(WORKERS[worker])
        return {number: seen for number, seen in shown.items() if worker not in self.excluded_from(number)}

    def excluded_from(self, number: int) -> frozenset[str]:
        """Return the workers who are kept from a referral's person."""
        return self.excluded[self.referrals[number].person]

    @property
    def rows(self) -> dict[str, Any]:
        """Return what the service holds of all this, seen by anybody or not."""
        sent = {number: (one.status, one.since, one.received, one.revision) for number, one in self.referrals.items()}
        return {
            "answers": {
                person: {item: one["value"] for item, one in said.items()} for person, said in self.answers.items()
            },
            "restricted": self.restricted,
            "excluded": self.excluded,
            "members": self.members,
            "needs": self.needs,
            "active": self.active,
            "at work": self.at_work,
            "referrals": sent,
            "disclosed": {one.id: one.withdrawn for one in self.disclosed},
        }

    def after(self, act: "Act", answer: Mapping[str, Any]) -> "World":
        """Return the world after an act that succeeded."""
        changed = copy.deepcopy(self)
        EFFECTS[act.name](changed, **act.about, answer=answer)
        return changed

    def later(self, **by: int) -> "World":
        """Return the world some time later."""
        changed = copy.deepcopy(self)
        changed.now += datetime.timedelta(**by)
        return changed


def owed(before: World, after: World, organisation: str) -> list[Entry]:
    """Return what is owed to an organisation's feed: one entry for each referral that it sees differently now."""
    had, have = before.view(organisation), after.view(organisation)
    entries: list[Entry] = [(number, "removed", ()) for number in had.keys() - have.keys()]
    entries += [(number, "added", ()) for number in have.keys() - had.keys()]
    for number in had.keys() & have.keys():
        if had[number]["stands"] != have[number]["stands"]:
            entries.append((number, "referral", ()))
        if items := changed_items(had[number]["live"], have[number]["live"]):
            entries.append((number, "changed", tuple(items)))
    return sorted(entries)


def item_by_item(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries with one item in each: what ends with time is told of one by one."""
    return sorted(
        (number, kind, (item,)) if item else (number, kind, ())
        for number, kind, items in entries
        for item in items or ("",)
    )


def served(history: list[Entry], world: World, worker: str) -> list[Entry]:
    """Return what of an organisation's feed a worker is served, who reads it from its start.

    What came before a referral went out of sight is not, nor what came before it was there again; nor anything about
    somebody whom the worker may not see.
    """
    if worker not in world.at_work or WORKERS[worker] not in world.active:
        return []
    visible = world.view_of(worker)
    return [
        entry for place, entry in enumerate(history) if _is_served(entry, history[place + 1 :], world, worker, visible)
    ]


def _is_served(entry: Entry, later: list[Entry], world: World, worker: str, visible: View) -> bool:
    number, kind, _ = entry
    since = {each for about, each, _ in later if about == number}
    if kind == "removed":
        return "removed" not in since and worker not in world.excluded_from(number)
    return not since & {"removed", "added"} and number in visible


@dataclass(frozen=True)
class Act:
    """Something somebody does: by name, and about what."""

    name: str
    about: Mapping[str, Any]


def _edit(world: World, person: str, item: str, value: Any, **_: Any) -> None:
    world.answers[person][item] = {"value": value, "as_of": AS_OF}


def _disclose(world: World, referral: int, organisation: str, item: str, days: int, answer: Mapping[str, Any]) -> None:
    expires_at = end_of(world.now.date() + datetime.timedelta(days=days))
    world.disclosed.append(Disclosed(referral, organisation, item, expires_at, answer["id"]))


def _withdraw_disclosure(world: World, number: int, answer: Mapping[str, Any]) -> None:
    for one in world.disclosed:
        one.withdrawn |= one.id == answer["id"]


def _put_contract(world: World, prime: str, subs: tuple[str, ...], needs: tuple[str, ...], **_: Any) -> None:
    world.members, world.needs = frozenset({prime, *subs}), needs


def _put_organisation(world: World, organisation: str, active: bool, **_: Any) -> None:
    world.active = world.active | {organisation} if active else world.active - {organisation}


def _put_worker(world: World, worker: str, active: bool, **_: Any) -> None:
    world.at_work = world.at_work | {worker} if active else world.at_work - {worker}


def _limit_access(world: World, person: str, restricted: bool, excluded: tuple[str, ...], **_: Any) -> None:
    world.restricted[person], world.excluded[person] = restricted, frozenset(excluded)


LEADS_TO = {
    "receipt": "received",
    "acceptance": "accepted",
    "rejection": "rejected",
    "scheduling": "scheduled",
    "start": "started",
    "outcome": "completed",
    "withdrawal": "withdrawn",
    "reopening": "received",
}


def _move(world: World, referral: int, action: str, **_: Any) -> None:
    sent = world.referrals[referral]
    if sent.status != LEADS_TO[action]:
        sent.status, sent.since = LEADS_TO[action], world.now
    sent.received, sent.revision = 1, sent.revision + 1


def _recall(world: World, person: str, **_: Any) -> None:
    for sent in world.referrals.values():
        if sent.person == person and sent.status not in ENDED:
            sent.revision += 1


def _hand_over(world: World, **_: Any) -> None:
    """Change nothing that a provider may see: who works with the person is not theirs to know."""


EFFECTS: dict[str, Callable[..., None]] = {
    "edit": _edit,
    "disclose": _disclose,
    "withdraw_disclosure": _withdraw_disclosure,
    "put_contract": _put_contract,
    "put_organisation": _put_organisation,
    "put_worker": _put_worker,
    "limit_access": _limit_access,
    "move": _move,
    "recall": _recall,
    "hand_over": _hand_over,
}
