"""The move-on board as the whole country would see it: every resident of approved premises in one list.

One draft for moving on is made through the service itself, and copied to as many residents as there are places.
"""

import httpx
import psycopg

from bench.cases import Stock
from bench.measures import Operation
from service.demonstration.loading import load_premises
from service.demonstration.playing import expect
from service.demonstration.workers import TEAM

RESIDENTS = 2_000
_OTHER_COLUMNS = """pack_version, recipient_id, service_category, second_reason, went_on_because, status_reason,
    status_since, revision, own, variants, ticks, version, received_version, created_by, created_at, updated_by,
    updated_at, submitted_by, submitted_at"""
_OF_THE_DRAFT = ", ".join(f"r.{column.strip()}" for column in _OTHER_COLUMNS.split(","))
# Each has a full profile, a plan and two referrals for moving on, at different stages, and leaves on a day of its own.
_RESIDENTS = f"""
    WITH people AS (
        INSERT INTO case_record (crn, family_name, given_names, date_of_birth, region, status, restricted, opened_by,
                                 opened_at)
        SELECT 'R' || lpad(CAST(number AS text), 6, '0'), 'Invented', 'Resident', DATE '1985-03-23', 'london', 'open',
               FALSE, 'p.demo', now() - interval '60 days'
        FROM generate_series(1, %(residents)s) AS number RETURNING crn, CAST(substr(crn, 2) AS int) AS number
    ), allocations AS (
        INSERT INTO allocation (id, crn, worker_id, team, capacity, allocated_by, started_at)
        SELECT gen_random_uuid(), crn, 'p.demo', %(team)s, 'community_practitioner', 'p.demo', now() FROM people
    ), profiles AS (
        INSERT INTO profile (crn, revision, answers, updated_at)
        SELECT people.crn, p.revision, p.answers, p.updated_at FROM people, profile p WHERE p.crn = %(model)s
    ), referrals AS (
        INSERT INTO referral (id, crn, pack, second_number, status, {_OTHER_COLUMNS})
        SELECT gen_random_uuid(), people.crn, wanted.pack, 0,
               (ARRAY['draft', 'submitted', 'received', 'accepted', 'scheduled'])
                   [1 + mod(people.number + wanted.place, 5)],
               {_OF_THE_DRAFT}
        FROM people, referral r,
             unnest(ARRAY['cas3', 'duty_to_refer']) WITH ORDINALITY AS wanted (pack, place)
        WHERE r.id = %(draft)s
    ), stays AS (
        INSERT INTO stay (id, crn, premises_id, kind, status, expected_arrival_on, expected_departure_on, departure_set,
                          arrived_on, resident_since, nights_before, revision, opened_at)
        SELECT gen_random_uuid(), crn, 'ap-example', 'normal', 'in_residence', d.day, d.day + 84, FALSE, d.day, d.day,
               0, 1, now() - interval '60 days'
        FROM people, LATERAL (SELECT current_date - mod(number, 80) AS day) AS d
        RETURNING id, crn, premises_id)
    INSERT INTO stay_step (id, stay_id, crn, premises_id, act, from_status, to_status, note, details, actor, role,
                           revision, at)
    SELECT gen_random_uuid(), id, crn, premises_id, 'plan', 'in_residence', 'in_residence', 'A room of their own.',
           '{{}}', 's.demo', 'premises', 1, now() - interval '50 days' FROM stays
"""  # noqa: S608


async def prepare(practitioner: httpx.AsyncClient, administrator: httpx.AsyncClient, stock: Stock) -> None:
    """House as many people as the country's approved premises have places, in the practitioner's team."""
    await load_premises(administrator)
    wanted = {"packs": [{"pack": "duty_to_refer", "went_on_because": "To be copied."}]}
    made = expect(await practitioner.post(f"/v1/cases/{stock.model}/referrals", json=wanted))
    with psycopg.connect(stock.owner_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        parameters = {"residents": RESIDENTS, "team": TEAM, "draft": made["items"][0]["id"], "model": stock.model}
        connection.execute(_RESIDENTS, parameters)
        connection.execute("ANALYZE")


def operations() -> list[Operation]:
    """Return the one thing asked of the board: everybody at once."""
    path = f"/v1/move-on/board?limit={RESIDENTS}"
    return [Operation(f"the board of {RESIDENTS:,} residents", "board", lambda _: [("GET", path, "")])]
