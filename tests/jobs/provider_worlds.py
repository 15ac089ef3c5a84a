"""A provider's world in a few lines: who may see which referral, and what a change of anything owes to whose feed.

Nothing here asks the service. What is shown of an item is the one decision about disclosure, which has tests of its
own.
"""

import copy
import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from service.catalogue.disclosures import disclosure_table
from service.domain.disclosure import changed_items, live_view
from service.domain.lifecycle import OPEN_STATUSES
from tests.make import A_MONDAY

ORGANISATIONS = ("prime", "sub", "third")
# Two of the prime's, so that one can be kept from a person whom the other sees.
WORKERS = {"prime-1": "prime", "prime-2": "prime", "sub-1": "sub", "third-1": "third"}
PEOPLE = ("one", "other")
# By number: whose, where it stands at first, and its second number: the last is a duplicate once the two are one.
REFERRALS = (("one", "received", 0), ("one", "accepted", 1), ("other", "submitted", 0))
# A name that anybody may come to be registered under, and that a list may have.
KIM = "Kim Ash"
AS_OF = "2026-11-01"
CLOSING_DAYS = 28
Entry = tuple[int, str, tuple[str, ...]]
View = dict[int, dict[str, Any]]
NOBODY: frozenset[str] = frozenset()


@dataclass
class Sent:
    """A referral that was sent to the contract."""

    person: str
    status: str
    since: datetime.datetime = A_MONDAY
    received: int = 1
    revision: int = 1
    version: int = 1
    open_queries: int = 0
    concerns: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it has not come to its end."""
        return self.status in OPEN_STATUSES

    @property
    def stands(self) -> tuple[Any, ...]:
        """Return how it stands, as whoever sees it can tell."""
        return self.person, self.status, self.since, self.received, self.revision, self.version, self.concerns

    def moves(self, to_status: str, now: datetime.datetime) -> None:
        """Move on, or stay where it is, as a new revision."""
        if to_status != self.status:
            self.status, self.since = to_status, now
        self.revision += 1


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
        for number, (person, status, _) in enumerate(REFERRALS)
    }


@dataclass
class World:
    """Everything that decides what anybody may see."""

    now: datetime.datetime = A_MONDAY
    answers: dict[str, dict[str, Any]] = field(default_factory=lambda: {person: {} for person in PEOPLE})
    restricted: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(PEOPLE, False))
    excluded: dict[str, frozenset[str]] = field(default_factory=lambda: dict.fromkeys(PEOPLE, NOBODY))
    named: dict[int, frozenset[str]] = field(default_factory=lambda: dict.fromkeys(range(len(REFERRALS)), NOBODY))
    listed: dict[int, frozenset[str]] = field(default_factory=lambda: dict.fromkeys(range(len(REFERRALS)), NOBODY))
    members: frozenset[str] = frozenset({"prime", "sub"})
    needs: tuple[str, ...] = ()
    active: frozenset[str] = frozenset(ORGANISATIONS)
    at_work: frozenset[str] = frozenset(WORKERS)
    registered_as: dict[str, str] = field(default_factory=lambda: {name: name for name in (*ORGANISATIONS, *WORKERS)})
    referrals: dict[int, Sent] = field(default_factory=_referrals)
    disclosed: list[Disclosed] = field(default_factory=list)

    def of(self, person: str) -> Iterator[tuple[int, Sent]]:
        """Give a person's referrals, by number."""
        yield from ((number, sent) for number, sent in self.referrals.items() if sent.person == person)

    def sees(self, worker: str, number: int) -> bool:
        """Whether a worker sees a referral while they are at work."""
        sent, organisation = self.referrals[number], WORKERS[worker]
        is_over = not sent.is_open and sent.since <= self.now - datetime.timedelta(days=CLOSING_DAYS)
        known_as = {name for one in (worker, organisation) for name in (one, self.registered_as[one])}
        return (
            organisation in self.members & self.active
            and not is_over
            and worker not in self.excluded[sent.person]
            and not known_as & self.listed[number]
            and (not self.restricted[sent.person] or worker in self.named[number])
        )

    def view(self, worker: str) -> View:
        """Return all that a worker sees while they are at work, by referral."""
        return {number: self._shown(WORKERS[worker], number) for number in self.referrals if self.sees(worker, number)}

    def _shown(self, organisation: str, number: int) -> dict[str, Any]:
        sent = self.referrals[number]
        items = {
            one.item
            for one in self.disclosed
            if (one.referral, one.organisation) == (number, organisation)
            and not one.withdrawn
            and one.expires_at > self.now
        }
        live = live_view(disclosure_table(), self.answers[sent.person], items, self.needs)
        return {"stands": sent.stands, "live": live}

    def view_of(self, worker: str) -> View:
        """Return all that a worker may see."""
        return self.view(worker) if worker in self.at_work else {}

    @property
    def rows(self) -> dict[str, Any]:
        """Return what the service holds of all this, seen by anybody or not."""
        alike = ("restricted", "excluded", "named", "listed", "members", "needs", "active", "at_work", "registered_as")
        answers = {person: {item: one["value"] for item, one in said.items()} for person, said in self.answers.items()}
        return {
            **{name: getattr(self, name) for name in alike},
            "answers": answers,
            "referrals": {number: one.stands for number, one in self.referrals.items()},
            "disclosed": {one.id: one.withdrawn for one in self.disclosed},
        }

    def after(self, act: "Happening", answer: Mapping[str, Any]) -> "World":
        """Return the world after something that was done, and what the service answered."""
        changed = copy.deepcopy(self)
        act.happen(changed, answer)
        return changed

    def later(self, **by: int) -> "World":
        """Return the world some time later."""
        changed = copy.deepcopy(self)
        changed.now += datetime.timedelta(**by)
        return changed


class Happening(Protocol):
    """What does something to the world where it succeeds."""

    def happen(self, world: World, answer: Mapping[str, Any], /) -> None:
        """Have it happen."""


def owed(before: World, after: World, worker: str) -> list[Entry]:
    """Return what a worker is to be told, at work or not: one entry for each referral that they see differently now."""
    had, have = before.view(worker), after.view(worker)
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
    """Return what of all they were told a worker is served, who reads the feed from its start.

    What came before a referral went out of their sight is not, nor what came before it was there again; nothing at all
    while they, or those they work for, are suspended.
    """
    if worker not in world.at_work or WORKERS[worker] not in world.active:
        return []
    return [entry for place, entry in enumerate(history) if _is_served(entry, history[place + 1 :])]


def _is_served(entry: Entry, later: list[Entry]) -> bool:
    number, kind, _ = entry
    since = {each for about, each, _ in later if about == number}
    return not since & ({"removed"} if kind == "removed" else {"removed", "added"})


def is_made_of(entries: list[Entry], acts: list[list[Entry]]) -> bool:
    """Whether entries are what each of some acts owed, act after act; those of one act in whatever order."""
    left = list(entries)
    for act in acts:
        first, left = left[: len(act)], left[len(act) :]
        if sorted(first) != act:
            return False
    return not left


def without_ends(entries: list[Entry], ends: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return entries without the ends of before that are among them, and those ends that are still to be told."""
    left, to_come = list(entries), []
    for end in ends:
        if end in left:
            left.remove(end)
        else:
            to_come.append(end)
    return left, to_come


def lost(before: dict[str, Any] | None, now: dict[str, Any] | None, entries: list[Entry]) -> set[str]:
    """Return what somebody saw otherwise and was not told of: items, or how a referral stands, or that it is there."""
    kinds = {kind for _, kind, _ in entries}
    if before is None or now is None:
        return set() if before is now or kinds & {"added", "removed"} else {"sight"}
    told = {item for _, _, items in entries for item in items}
    items = {
        item for item in before["live"].keys() | now["live"].keys() if before["live"].get(item) != now["live"].get(item)
    }
    stands = set() if before["stands"] == now["stands"] or "referral" in kinds else {"stands"}
    return set() if "added" in kinds else (items - told) | stands
