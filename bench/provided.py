"""What a provider is measured by: a person's summary as it stands, a poll of the feed, a page of the list, a refusal.

One referral is sent through the service itself, with everything a provider would read of it, and copied as often as is
needed: for the summary with profiles of their own, for the list onto people of whom nothing else is known.
"""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from bench.cases import CASES, Stock
from bench.measures import READERS, Operation
from service.demonstration.loading import load_providers, send_to_provider
from service.demonstration.people import read_cases, read_list
from service.demonstration.playing import Cast, amend, expect, open_case
from service.demonstration.workers import TEAM

REFERRALS_A_PERSON = 20
CHANGES_TOLD = 5
LEVELS = ("low", "medium", "high", "very_high")
FEED, LIST = "/v1/provider/changes", "/v1/provider/referrals"
_OTHER_COLUMNS = """pack, pack_version, recipient_id, service_category, second_reason, went_on_because, status,
    status_reason, status_since, revision, own, variants, ticks, version, received_version, created_by, created_at,
    updated_by, updated_at, submitted_by, submitted_at"""
_COPY = f"""
    WITH copies AS (
        INSERT INTO referral (id, crn, second_number, {_OTHER_COLUMNS})
        SELECT gen_random_uuid(), copy.crn, 0, {_OTHER_COLUMNS}
        FROM referral r, unnest(CAST(%(crns)s AS text[])) AS copy (crn) WHERE r.id = %(id)s
        RETURNING id, crn
    ), versions AS (
        INSERT INTO referral_version (referral_id, number, crn, content, digest, differences, reason, profile_revision,
                                      submitted_by, submitted_at)
        SELECT copies.id, v.number, copies.crn, v.content, v.digest, v.differences, v.reason, v.profile_revision,
               v.submitted_by, v.submitted_at
        FROM copies, referral_version v WHERE v.referral_id = %(id)s)
    SELECT id FROM copies
"""  # noqa: S608
# People without a profile, and every status there is in a year's work.
_MANY = f"""
    WITH people AS (
        INSERT INTO case_record (crn, region, status, restricted, opened_by, opened_at)
        SELECT 'L' || lpad(CAST(number AS text), 6, '0'), 'london', 'open', FALSE, 'p.demo', now()
        FROM generate_series(CAST(%(first)s AS int), CAST(%(last)s AS int)) AS number RETURNING crn)
    INSERT INTO referral (id, crn, second_number, {_OTHER_COLUMNS})
    SELECT gen_random_uuid(), people.crn, another, pack, pack_version, recipient_id, service_category, second_reason,
           went_on_because,
           (ARRAY['submitted', 'received', 'query', 'accepted', 'scheduled', 'started', 'completed', 'rejected'])
               [1 + mod(another, 8)],
           NULL, now() - random() * interval '300 days', revision, own, variants, ticks, version, version, created_by,
           created_at, updated_by, updated_at, submitted_by, now() - random() * interval '300 days'
    FROM people, generate_series(1, {REFERRALS_A_PERSON}) AS another, referral r WHERE r.id = %(id)s
"""  # noqa: S608
_ANOTHER_S = """
    UPDATE referral SET recipient_id = 'crs-elsewhere' WHERE id = (
        SELECT id FROM referral WHERE crn LIKE 'L%' ORDER BY crn, second_number LIMIT 1) RETURNING id
"""


@dataclass
class Provided:
    """What there is to be read by a provider: a sent referral, copies of it with profiles, and a place in the feed."""

    owner_url: str
    referral: str
    readers: list[str]
    place: str
    listed: int = 0

    def lay_in(self, number: int) -> None:
        """Send so many more referrals to the same contract, most of them about people with several."""
        first = 1 + self.listed // REFERRALS_A_PERSON
        last = (self.listed + number) // REFERRALS_A_PERSON
        with self._connect() as connection:
            connection.execute(_MANY, {"first": first, "last": last, "id": self.referral})
            connection.execute("ANALYZE")
        self.listed += number

    def give_one_away(self) -> str:
        """Have one of these sent to a contract of nobody's, and return its id: it is there, and not to be seen."""
        with self._connect() as connection:
            connection.execute(
                "INSERT INTO recipient (id, pack, name, organisation, area, contract, active) "
                "VALUES ('crs-elsewhere', 'commissioned_services', 'Elsewhere', 'elsewhere', '', '{}', TRUE)"
            )
            (found,) = connection.execute(_ANOTHER_S).fetchall()
            return str(found[0])

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.owner_url.replace("+psycopg", "", 1), autocommit=True)


async def prepare(cast: Cast, administrator: httpx.AsyncClient, provider: httpx.AsyncClient, stock: Stock) -> Provided:
    """Send a referral to the demonstration provider, copy it for the readers, and have something told of each."""
    await _put_reference_data(administrator)
    case = read_cases(datetime.datetime.now(datetime.UTC).date())[CASES]  # the first that is not measured otherwise
    await open_case(cast, case, case.crn)
    await amend(cast.practitioner, case.crn, {item: {"value": value} for item, value in case.known.items()})
    await send_to_provider(cast, case)
    sent = expect(await provider.get(LIST))["items"][0]["id"]
    place = expect(await provider.get(FEED))["next"]
    with psycopg.connect(stock.owner_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        found = connection.execute(_COPY, {"crns": stock.take(READERS), "id": sent}).fetchall()
        connection.execute("ANALYZE")
    profile = expect(await cast.practitioner.get(f"/v1/cases/{case.crn}/profile"))
    stands = profile["answers"].get("risk_overall_level", {}).get("value")
    others = [level for level in LEVELS if level != stands]
    for number in range(CHANGES_TOLD):
        await amend(cast.practitioner, case.crn, {"risk_overall_level": {"value": others[number % len(others)]}})
    return Provided(stock.owner_url, sent, [str(row[0]) for row in found], place)


async def _put_reference_data(administrator: httpx.AsyncClient) -> None:
    worker = {"name": "p.demo", "team": TEAM}
    expect(await administrator.put("/v1/workers/p.demo", json=worker))
    for recipient in read_list("recipients"):
        body = {name: value for name, value in recipient.items() if name != "id"}
        expect(await administrator.put(f"/v1/recipients/{recipient['id']}", json=body))
    await load_providers(administrator)


def operations(provided: Provided) -> list[Operation]:
    """Return what a provider does most."""
    summaries = [("GET", f"{LIST}/{referral}/summary", "") for referral in provided.readers]
    return [
        Operation("a provider's live summary", "summary", lambda _: summaries, caller="provider"),
        Operation(
            f"a feed poll with {CHANGES_TOLD} changes",
            "poll",
            lambda _: [("GET", f"{FEED}?after={provided.place}", "")],
            caller="provider",
        ),
        listing(provided),
    ]


def listing(provided: Provided) -> Operation:
    """Return a page of the list, as long as it then is."""
    label = f"a page of {provided.listed:,} referrals" if provided.listed else "a page of a short list"
    return Operation(label, f"list-{provided.listed}", lambda _: [("GET", LIST, "")], caller="provider")


def refusals(hidden: str) -> dict[str, Operation]:
    """Return what is refused alike: a referral that is somebody else's, and one that is not there."""
    return {"forbidden": _reading("forbidden", hidden), "absent": _reading("absent", str(uuid.uuid4()))}


def _reading(name: str, referral: str) -> Operation:
    return Operation(name, name, lambda _: [("GET", f"{LIST}/{referral}", "")], caller="provider")
