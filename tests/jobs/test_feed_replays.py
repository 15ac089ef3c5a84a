"""The feed, replayed, is a full comparison of permitted views: at every point, whatever happens at once.

Chance edits profiles, discloses, ends contracts, suspends workers, restricts people, moves referrals and lets time
pass, alone or several at once with commits that are real. After each, every worker's reads are those of a small model
of the world, and each organisation's feed has gained exactly what differs between its two views: for things done at
once, in the one order or the other.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from httpx import Response
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.clusters import DatabaseUrls
from tests.jobs.provider_services import Place, Service, serving
from tests.jobs.provider_worlds import (
    LEADS_TO,
    ORGANISATIONS,
    PEOPLE,
    REFERRALS,
    WORKERS,
    Act,
    Entry,
    View,
    World,
    item_by_item,
    owed,
    served,
)

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("feed-replays")]
# Whatever the machine, chance gets this long in `make test`; `make fuzz` lets it finish.
BOUND_SECONDS = 30
QUIET: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
LAST_DAY = 80  # after 90 days entries are forgotten

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
person, referral, organisation = (
    st.sampled_from(PEOPLE),
    st.integers(0, len(REFERRALS) - 1),
    st.sampled_from(ORGANISATIONS),
)


def _acts(name: str, **about: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.builds(Act, st.just(name), st.fixed_dictionaries(about))


EDITS = st.sampled_from([(item, value) for item, values in VALUES.items() for value in values]).flatmap(
    lambda one: _acts("edit", person=person, item=st.just(one[0]), value=st.just(one[1]))
)
PARTIES = [
    (prime, subs)
    for size in range(3)
    for prime, *subs in itertools.permutations(ORGANISATIONS, size + 1)
    if list(subs) == sorted(subs)
]
CONTRACTS = st.sampled_from(PARTIES).flatmap(
    lambda one: _acts(
        "put_contract",
        prime=st.just(one[0]),
        subs=st.just(tuple(one[1])),
        needs=st.sampled_from([(), ("residence",), ("curfew",)]),
    )
)
ACTS = st.one_of(
    EDITS,
    EDITS,
    _acts(
        "disclose",
        referral=referral,
        organisation=organisation,
        item=st.sampled_from(["coping_detail", "mappa_level"]),
        days=st.sampled_from([0, 1, 5]),
    ),
    _acts("withdraw_disclosure", number=st.integers(0, 5)),
    CONTRACTS,
    _acts("put_organisation", organisation=organisation, active=st.booleans()),
    _acts("put_worker", worker=st.sampled_from(sorted(WORKERS)), active=st.booleans()),
    _acts(
        "limit_access",
        person=person,
        restricted=st.booleans(),
        excluded=st.sampled_from([(), ("prime-2",), ("prime-2", "sub-1")]),
    ),
    _acts("move", referral=referral, action=st.sampled_from(sorted(LEADS_TO))),
    _acts("move", referral=referral, action=st.sampled_from(sorted(LEADS_TO))),
    _acts("recall", person=person),
    _acts("hand_over", person=person),
)
Done = tuple[Act, Response]


class Feed(RuleBasedStateMachine):
    """One world, its model, and what each organisation's feed has come to hold."""

    def __init__(self, runner: asyncio.Runner, service: Service, until: float) -> None:
        super().__init__()
        self.run, self.service, self.until = runner.run, service, until
        self.world = World()
        self.history: dict[str, list[Entry]] = {organisation: [] for organisation in ORGANISATIONS}

    @initialize()
    def begin(self) -> None:
        self.place: Place = self.run(self.service.open_world())

    @rule(act=ACTS)
    def one_thing_is_done(self, act: Act) -> None:
        self._do([act])

    @rule(acts=st.lists(ACTS, min_size=2, max_size=3))
    def several_things_are_done_at_once(self, acts: list[Act]) -> None:
        self._do(acts)

    @rule(by=st.sampled_from([{"hours": 1}, {"days": 1}, {"days": 6}, {"days": 28}]))
    def time_passes(self, by: dict[str, int]) -> None:
        if self._is_over or (self.world.later(**by).now - World().now).days > LAST_DAY:
            return
        later = self.world.later(**by)
        self.service.clock.set(later.now)
        # Nobody sees a moment longer what has ended, whether or not anybody has been told.
        self.run(self._compare_views(later))
        self.run(self.service.tell_of_ends(later.now))
        told = {one: item_by_item(owed(self.world, later, one)) for one in ORGANISATIONS}
        gained = self.run(self._gained())
        assert {one: item_by_item(entries) for one, entries in gained.items()} == told
        self._accept(later, gained)

    def _do(self, acts: list[Act]) -> None:
        if self._is_over:
            return
        done, seen = self.run(self._at_once(acts))
        self._accept(*self._explained([one for one in done if one[1].is_success]))
        self.run(self._compare_with_seen(acts, seen))

    @property
    def _is_over(self) -> bool:
        return time.monotonic() > self.until

    async def _at_once(self, acts: list[Act]) -> tuple[list[Done], dict[str, tuple[int, View]]]:
        """Do things at once, while a worker of each organisation begins to follow the feed in the midst of it."""
        watchers = ("prime-1", "sub-1", "third-1") if len(acts) > 1 else ()
        found = await asyncio.gather(
            *(self.service.act(self.place, act) for act in acts), *(self._begin_to_follow(one) for one in watchers)
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

    def _explained(self, done: Sequence[Done]) -> tuple[World, dict[str, list[Entry]]]:
        """Return the world after things that were done, in an order that explains every row and every entry."""
        gained, rows = self.run(self._gained()), self.run(self.service.rows(self.place))
        tried = []
        for order in itertools.permutations(done):
            worlds = [self.world]
            for act, answer in order:
                worlds.append(worlds[-1].after(act, answer.json()))
            if worlds[-1].rows == rows:
                steps = list(itertools.pairwise(worlds))
                tried.append({one: [owed(*step, one) for step in steps] for one in ORGANISATIONS})
                if all(_is_made_of(gained[one], tried[-1][one]) for one in ORGANISATIONS):
                    return worlds[-1], gained
        assert tried, f"{[act for act, _ in done]} in no order make {rows} of {self.world.rows}"
        raise AssertionError(f"{[act for act, _ in done]} gave {gained}; owed was one of {tried}")

    async def _gained(self) -> dict[str, list[Entry]]:
        written = await self.service.written(self.place)
        return {one: written[one][len(self.history[one]) :] for one in ORGANISATIONS}

    def _accept(self, world: World, gained: dict[str, list[Entry]]) -> None:
        self.world = world
        for one in ORGANISATIONS:
            self.history[one] += gained[one]
        self.run(self._compare_views(world))
        for worker, one in WORKERS.items():
            replayed = self.run(self.service.feed_of(self.place, worker))
            assert (worker, replayed) == (worker, served(self.history[one], world, worker))

    async def _compare_views(self, world: World) -> None:
        for worker in WORKERS:
            assert (worker, await self.service.view_of(self.place, worker)) == (worker, world.view_of(worker))

    async def _compare_with_seen(self, acts: list[Act], seen: dict[str, tuple[int, View]]) -> None:
        """Whoever began in the midst of it has been told, since, of all that they saw otherwise."""
        if any(act.name in {"put_worker", "limit_access"} for act in acts):
            return  # whom one worker may not see any more, or may again, is told to nobody
        for worker, (mark, view) in seen.items():
            if WORKERS[worker] not in self.world.active:
                continue  # they are served nothing at all
            entries = await self.service.feed_of(self.place, worker, mark)
            now = self.world.view_of(worker)
            for number in view.keys() | now.keys():
                assert _lost(view.get(number), now.get(number), [one for one in entries if one[0] == number]) == set()


def _is_made_of(entries: list[Entry], groups: list[list[Entry]]) -> bool:
    """Whether entries are what each of some acts owed, act after act; those of one act in whatever order."""
    left = list(entries)
    for group in groups:
        first, left = left[: len(group)], left[len(group) :]
        if sorted(first) != group:
            return False
    return not left


def _lost(before: dict[str, Any] | None, now: dict[str, Any] | None, entries: list[Entry]) -> set[str]:
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
