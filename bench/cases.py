"""The people that are measured: a few with full profiles and drafts, and any number of fresh copies of one of them."""

import datetime
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import psycopg

from service.catalogue.checks.samples import samples
from service.catalogue.definitions import Catalogue
from service.catalogue.loading import catalogue
from service.demonstration.people import DemonstrationCase, read_cases
from service.demonstration.playing import Cast, amend, expect, open_case

ANSWERS = 200  # what a person with a full profile has been asked in the end
CASES = 2

_COPY = """
    WITH copies AS MATERIALIZED (
        INSERT INTO case_record (crn, family_name, given_names, date_of_birth, region, status, restricted, opened_by,
                                 opened_at)
        SELECT 'B' || lpad(CAST(number AS text), 6, '0'), c.family_name, c.given_names, c.date_of_birth, c.region,
               c.status, c.restricted, c.opened_by, c.opened_at
        FROM case_record c, generate_series(CAST(%(first)s AS int), CAST(%(last)s AS int)) AS number
        WHERE c.crn = %(crn)s
        RETURNING crn
    ), profiles AS (
        INSERT INTO profile (crn, revision, answers, updated_at)
        SELECT copies.crn, p.revision, p.answers, p.updated_at
        FROM copies, profile p WHERE p.crn = %(crn)s
    )
    INSERT INTO allocation (id, crn, worker_id, team, capacity, allocated_by, started_at)
    SELECT gen_random_uuid(), copies.crn, a.worker_id, a.team, a.capacity, a.allocated_by, a.started_at
    FROM copies, allocation a WHERE a.crn = %(crn)s AND a.ended_at IS NULL
"""


@dataclass(slots=True)
class Stock:
    """Copies of one full case, each to be used once; laid in ahead, outside what is measured."""

    owner_url: str = field(repr=False)
    model: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _ready: list[str] = field(default_factory=list)

    def lay_in(self, number: int) -> None:
        """Copy the case so many times."""
        crns = [f"B{next(self._numbers):06d}" for _ in range(number)]
        first, last = int(crns[0][1:]), int(crns[-1][1:])
        with psycopg.connect(self.owner_url.replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute(_COPY, {"first": first, "last": last, "crn": self.model})
            connection.execute("ANALYZE")
        self._ready.extend(crns)

    def take(self, number: int) -> list[str]:
        """Return cases nobody has used yet."""
        taken, self._ready = self._ready[:number], self._ready[number:]
        return taken


async def open_cases(practitioner: httpx.AsyncClient, record_system: httpx.AsyncClient) -> list[str]:
    """Open the first demonstration cases, each with a full profile, and return their CRNs."""
    cast = Cast(practitioner, record_system)
    known = catalogue()
    cases = read_cases(datetime.datetime.now(datetime.UTC).date())[:CASES]
    for case in cases:
        await open_case(cast, case, case.crn)
        await amend(practitioner, case.crn, {item: {"value": value} for item, value in _known(case, known).items()})
    return [case.crn for case in cases]


def _known(case: DemonstrationCase, known: Catalogue) -> dict[str, object]:
    """Return what the practitioner answers: what the case says, and the catalogue's samples up to a full profile."""
    recorded = {item for entry in case.recorded for item in entry.answers}
    answers = {item: value for item, value in case.known.items() if known.items[item].reuse.shared}
    for item in known.items.values():
        if len(recorded | answers.keys()) >= ANSWERS:
            break
        if item.reuse.shared and item.name not in recorded | answers.keys():
            answers[item.name] = samples(item.value)[-1]
    return answers


async def make_drafts(practitioner: httpx.AsyncClient, crns: list[str], packs: tuple[str, ...]) -> list[str]:
    """Make a draft of each pack in each case and return the referrals' ids."""
    wanted = {"packs": [{"pack": pack} for pack in packs]}
    made = [expect(await practitioner.post(f"/v1/cases/{crn}/referrals", json=wanted)) for crn in crns]
    return [referral["id"] for each in made for referral in each["items"]]
