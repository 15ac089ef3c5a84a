"""The feed, replayed, is a full comparison of permitted views: at every point, whatever happens at once.

Chance edits profiles, discloses, ends contracts, suspends workers and gives them other names, restricts people, names
who may see them, moves, amends and merges referrals and lets time pass, alone or several at once with commits that are
real. After each, every worker's reads are those of a small model of the world, and each worker has been told exactly
what differs between their two views: for things done at once, in the one order or the other.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pytest
from httpx import Response
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.clusters import DatabaseUrls
from tests.jobs.acts_on_organisations import CONTRACTS, REGISTRATIONS, SUSPENSIONS, PutWorker
from tests.jobs.acts_on_people import EDITS, EVENTS, LIMITS
from tests.jobs.acts_on_referrals import AMENDMENTS, MOVES, QUESTIONS
from tests.jobs.acts_on_sight import DISCLOSURES, NAMINGS, WITHDRAWALS
from tests.jobs.provider_services import Place, Service, serving
from tests.jobs.provider_worlds import (
    WORKERS,
    Entry,
    Happening,
    View,
    World,
    is_made_of,
    item_by_item,
    lost,
    owed,
    served,
    without_ends,
)

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("feed-replays")]
# Whatever the machine, chance gets this long in `make test`; `make fuzz` lets it finish.
BOUND_SECONDS = 30
QUIET: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
LAST_DAY = 80  # after 90 days entries are forgotten


class Act(Happening, Protocol):
    """Something somebody does over the service's routes."""

    async def do(self, service: Service, place: Place, /) -> Response:
        """Do it."""


ACTS: st.SearchStrategy[Act] = st.one_of(
    *(EDITS, LIMITS, LIMITS, EVENTS),
    *(MOVES, MOVES, MOVES, AMENDMENTS, AMENDMENTS, QUESTIONS, QUESTIONS),
    *(NAMINGS, NAMINGS, DISCLOSURES, DISCLOSURES, WITHDRAWALS),
    *(CONTRACTS, SUSPENSIONS, REGISTRATIONS),
)
Told = dict[str, list[Entry]]


class Feed(RuleBasedStateMachine):
    """One world, its model, what each worker has been told, and what of it time alone owes them yet."""

    def __init__(self, runner: asyncio.Runner, service: Service, until: float) -> None:
        super().__init__()
        self.run, self.service, self.until = runner.run, service, until
        self.world = World()
        self.history: Told = {worker: [] for worker in WORKERS}
        self.ends: Told = {worker: [] for worker in WORKERS}

    @initialize()
    def begin(self) -> None:
        self.place: Place = self.run(self.service.open_world())

    @rule(act=ACTS)
    def one_thing_is_done(self, act: Act) -> None:
        self._do([act])

    @rule(acts=st.lists(ACTS, min_size=2, max_size=3))
    def several_things_are_done_at_once(self, acts: list[Act]) -> None:
        self._do(acts)

    @rule(by=st.sampled_from([{"hours": 1}, {"days": 1}, {"days": 6}, {"days": 28}]), is_told_at_once=st.booleans())
    def time_passes(self, by: dict[str, int], *, is_told_at_once: bool) -> None:
        if self._is_over or (self.world.later(**by).now - World().now).days > LAST_DAY:
            return
        self._tell_of_ends()
        later = self.world.later(**by)
        self.service.clock.set(later.now)
        self.ends = {worker: item_by_item(owed(self.world, later, worker)) for worker in WORKERS}
        self.world = later
        # Nobody sees a moment longer what has ended, whether or not anybody has been told.
        self.run(self._compare_views())
        if is_told_at_once:
            self._tell_of_ends()

    def _tell_of_ends(self) -> None:
        """Have the job come round: what ended by time alone and was told to nobody yet is told now."""
        self.run(self.service.tell_of_ends(self.world.now))
        gained = self.run(self._gained())
        assert {worker: item_by_item(entries) for worker, entries in gained.items()} == self.ends
        self.ends = {worker: [] for worker in WORKERS}
        self._accept(gained)

    def _do(self, acts: list[Act]) -> None:
        if self._is_over:
            return
        # One second on, so that who was registered under which name last can be told.
        self.world = self.world.later(seconds=1)
        self.service.clock.set(self.world.now)
        done, seen = self.run(self._at_once(acts))
        self._accept(self._explained([one for one in done if one[1].is_success]))
        self.run(self._compare_with_seen(acts, seen))

    @property
    def _is_over(self) -> bool:
        return time.monotonic() > self.until

    async def _at_once(self, acts: list[Act]) -> tuple[list[tuple[Act, Response]], dict[str, tuple[int, View]]]:
        """Do things at once, while a worker of each organisation begins to follow the feed in the midst of it."""
        watchers = ("prime-1", "sub-1", "third-1") if len(acts) > 1 else ()
        found = await asyncio.gather(
            *(act.do(self.service, self.place) for act in acts), *(self._begin_to_follow(one) for one in watchers)
        )
        answers: list[Any] = found[: len(acts)]
        unexpected = [answer.text for answer in answers if answer.status_code >= 500]
        assert unexpected == []
        seen: list[Any] = found[len(acts) :]
        return list(zip(acts, answers, strict=True)), dict(zip(watchers, seen, strict=True))

    async def _begin_to_follow(self, worker: str) -> tuple[int, View]:
        """Do as the feed says one begins: keep the place, then read what there is."""
        mark = await self.service.mark_of(self.place, WORKERS[worker])
        return mark, await self.service.view_of(self.place, worker)

    def _explained(self, done: Sequence[tuple[Act, Response]]) -> Told:
        """Move the world on by things that were done, in an order that explains every row and every entry."""
        gained, rows, tried = self.run(self._gained()), self.run(self.service.rows(self.place)), []
        for order in itertools.permutations(done):
            worlds = [self.world]
            for act, answer in order:
                worlds.append(worlds[-1].after(act, answer.json()))
            if worlds[-1].rows == rows:
                steps = list(itertools.pairwise(worlds))
                tried.append({worker: [owed(*step, worker) for step in steps] for worker in WORKERS})
                if (ends := self._still_to_come(gained, tried[-1])) is not None:
                    self.world, self.ends = worlds[-1], ends
                    return gained
        assert tried, f"{[act for act, _ in done]} in no order make {rows} of {self.world.rows}"
        raise AssertionError(f"{[act for act, _ in done]} gave {gained}; owed was one of {tried}, and {self.ends}")

    def _still_to_come(self, gained: Told, acts: dict[str, list[list[Entry]]]) -> Told | None:
        """Return the ends yet to be told, if what was told is what acts owed and perhaps some of those; None if not."""
        ends = {}
        for worker in WORKERS:
            ways = [without_ends(gained[worker], self.ends[worker]), (gained[worker], self.ends[worker])]
            found = [to_come for left, to_come in ways if is_made_of(left, acts[worker])]
            if not found:
                return None
            ends[worker] = found[0]
        return ends

    async def _gained(self) -> Told:
        written = await self.service.written(self.place)
        return {worker: written[worker][len(self.history[worker]) :] for worker in WORKERS}

    def _accept(self, gained: Told) -> None:
        for worker in WORKERS:
            self.history[worker] += gained[worker]
        self.run(self._compare_views())
        for worker in WORKERS:
            replayed = self.run(self.service.feed_of(self.place, worker))
            assert (worker, replayed) == (worker, self._served(worker))

    def _served(self, worker: str) -> list[Entry]:
        """Return what a worker is served: of a referral whose end they were not told of yet, nothing."""
        visible = self.world.view_of(worker)
        whole = served(self.history[worker], self.world, worker)
        return [entry for entry in whole if entry[1] == "removed" or entry[0] in visible]

    async def _compare_views(self) -> None:
        for worker in WORKERS:
            seen = await self.service.view_of(self.place, worker)
            assert (worker, seen) == (worker, self.world.view_of(worker))

    async def _compare_with_seen(self, acts: list[Act], seen: dict[str, tuple[int, View]]) -> None:
        """Whoever began in the midst of it has been told, since, of all that they saw otherwise."""
        if any(isinstance(act, PutWorker) for act in acts):
            return  # that one is suspended is told to nobody
        for worker, (mark, view) in seen.items():
            if worker not in self.world.at_work or WORKERS[worker] not in self.world.active:
                continue  # they are served nothing at all
            entries = await self.service.feed_of(self.place, worker, mark)
            now = self.world.view_of(worker)
            for number in view.keys() | now.keys():
                assert lost(view.get(number), now.get(number), [one for one in entries if one[0] == number]) == set()


@pytest.fixture
def running(fresh_database: DatabaseUrls) -> Iterator[tuple[asyncio.Runner, Service]]:
    """Give the service in a loop of its own: a machine of rules is no coroutine."""
    with asyncio.Runner() as runner:
        context = serving(fresh_database)
        yield runner, runner.run(context.__aenter__())
        runner.run(context.__aexit__(None, None, None))


def test_half_a_minute_of_chance_finds_no_view_that_the_feed_does_not_tell(
    running: tuple[asyncio.Runner, Service],
) -> None:
    until = time.monotonic() + BOUND_SECONDS
    # What is found is found again: a smaller case of it is for `make fuzz` to look for.
    bounded = settings(derandomize=True, max_examples=60, stateful_step_count=12, phases=[Phase.generate], **QUIET)
    _run(*running, until, bounded)


@pytest.mark.fuzz
def test_chance_finds_no_view_that_the_feed_does_not_tell_however_long_it_looks(
    running: tuple[asyncio.Runner, Service],
) -> None:
    thorough = settings(max_examples=2000, stateful_step_count=40, **QUIET)
    _run(*running, float("inf"), thorough)


def _run(runner: asyncio.Runner, service: Service, until: float, how: settings) -> None:
    def machine() -> Feed:
        return Feed(runner, service, until)

    run_state_machine_as_test(machine, settings=how)  # type: ignore[arg-type]  # anything that makes one will do
