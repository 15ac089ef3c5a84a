"""Rebuilding what a provider could see of a person at an instant, with the same decision about each item as then."""

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from service.catalogue.definitions import Catalogue
from service.catalogue.disclosures import DisclosureTable, disclosure_table, read_table, written_table
from service.db import Session
from service.domain import readiness, snapshots
from service.domain.past_views import (
    ALWAYS_NOT_KNOWN,
    NotKnown,
    answers_at,
    held_at,
    status_at,
    was_open_to_provider,
    workers_who_saw,
)
from service.errors import FieldError, InvalidInput
from service.operations import provided_referrals
from service.operations.actors import Actor
from service.schemas.past_views import PastReferral, PastView
from service.store import past_views as store
from service.store import standings
from service.store.past_views import PastWanted
from service.store.visibility import CLOSING_TIME

Row = dict[str, Any]


# A case is opened for everybody it is allocated to; limits come later.
UNLIMITED: dict[str, Any] = {"restricted": False, "excluded": []}
PURPOSE = "seeing what a provider could see"
NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)


class _Standings:
    """How things stood at the instant asked about, and what of it is not known."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], at: datetime.datetime) -> None:
        self.at = at
        self.not_known: set[NotKnown] = set(ALWAYS_NOT_KNOWN)
        self._rows = rows
        self._since = min((row["recorded_at"] for row in rows if row["kind"] == "record"), default=NEVER)

    def limits(self, crn: str, today: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a case's restriction, and who was excluded from it."""
        now = {"restricted": today["restricted"], "excluded": today["excluded"]}
        return self._held("case", crn, now, NotKnown.RESTRICTION, UNLIMITED)

    def is_active(self, organisation: str, today: Mapping[str, Any]) -> bool:
        """Return whether an organisation was at work."""
        held = self._held("organisation", organisation, {"active": today["active"]}, NotKnown.ORGANISATION)
        return bool(held["active"])

    def conditions_needed(self, contract: str, today: Sequence[str]) -> list[str]:
        """Return the kinds of licence condition that a contract needed to know of."""
        conditions: list[str] = self._held("contract", contract, {"conditions": today}, NotKnown.CONTRACT_CONDITIONS)[
            "conditions"
        ]
        return conditions

    def _held(
        self,
        kind: str,
        subject: str,
        today: Mapping[str, Any],
        unknown: NotKnown,
        first: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        rows = [row for row in self._rows if (row["kind"], row["subject"]) == (kind, subject)]
        held = held_at(rows, self.at, kept_since=self._since, today=today, first=first)
        self.not_known |= set() if held.known else {unknown}
        return held.value

    def table(self, catalogue: Catalogue) -> DisclosureTable:
        """Return the disclosure table then in force, of which every one is kept from the first start on."""
        rows = [row for row in self._rows if row["kind"] == "disclosure_table" and row["recorded_at"] <= self.at]
        if rows:
            return read_table(json.loads(rows[-1]["held"]["written"]), catalogue.items)[0]
        self.not_known.add(NotKnown.DISCLOSURE_TABLE)
        return disclosure_table()


async def past_view(session: Session, crn: str, wanted: PastWanted, actor: Actor) -> PastView:
    """Return what an organisation, or one of its workers, could see of a visible person at an instant.

    Raises InvalidInput for an instant still to come. What is shown is noted on the record of access.
    """
    if wanted.at > actor.now:
        raise InvalidInput(errors=[FieldError("/query/at", "in-the-future", "Ask about an instant that has passed.")])
    found, steps = await store.referrals_at(session, crn, wanted)
    contracts = sorted({row["recipient_id"] for row in found})
    stood = _Standings(await store.standings(session, crn, wanted.organisation, contracts), wanted.at)
    today = await store.standing_today(session, crn, wanted)
    if today["merged_since"]:
        stood.not_known.add(NotKnown.MERGED_SINCE)
    limits = stood.limits(crn, today)
    workers = await store.workers_at(session, wanted) if stood.is_active(wanted.organisation, today) else {}
    answers = answers_at(await store.history_until(session, crn, wanted.at))
    seen = [
        _shown(row | {"answers": answers, "seen_by": seen_by, "stood": status}, stood, actor)
        for row in found
        if (seen_by := _seen_by(row, workers, limits, (wanted.organisation, today["name"] or ""), stood))
        and was_open_to_provider(status := _status(row, steps, stood), wanted.at, CLOSING_TIME)
    ]
    # It is the practitioner who reads, and not in order to provide anything.
    actor.record.purpose = PURPOSE if seen else None
    return PastView(
        crn=crn,
        at=wanted.at,
        organisation=wanted.organisation,
        worker=wanted.worker,
        restricted=limits["restricted"],
        referrals=seen,
        not_known=sorted(stood.not_known),
    )


def _status(row: Row, steps: Sequence[Mapping[str, Any]], stood: _Standings) -> tuple[str, datetime.datetime] | None:
    status = status_at(row, [step for step in steps if step["referral_id"] == row["id"]], stood.at)
    if status is None:
        stood.not_known.add(NotKnown.REFERRAL_STATUS)
    return status


def _seen_by(
    row: Row, workers: Mapping[str, str], limits: Mapping[str, Any], names: tuple[str, str], stood: _Standings
) -> list[str]:
    """Return the workers who could see a referral; the must-not-receive list is kept only as it stands today."""
    own = row["own"]
    if readiness.barred_rows(own) and row["updated_at"] > stood.at:
        stood.not_known.add(NotKnown.MUST_NOT_RECEIVE)
    barred = [
        worker
        for worker, name in workers.items()
        if readiness.must_not_receive(own, {str(place): one for place, one in enumerate((*names, worker, name))})
    ]
    return workers_who_saw(workers, row["named"], limits, barred)


def _shown(row: Row, stood: _Standings, actor: Actor) -> PastReferral:
    row |= {"gateways": [], "conditions_needed": stood.conditions_needed(row["recipient_id"], row["conditions_now"])}
    row |= {"sent": snapshots.questions_of(row["content"])}
    table = stood.table(actor.catalogue)
    return PastReferral(
        referral_id=row["id"],
        contract=row["recipient_id"],
        part=row["part"],
        status=row["stood"][0] if row["stood"] else None,
        version=row["version"],
        seen_by=row["seen_by"],
        disclosed=row["disclosed"],
        sections=provided_referrals.sections_as_sent(row, actor.catalogue, actor.record, table),
        summary=provided_referrals.live_summary(row, actor.catalogue, actor.record, table),
    )


async def keep_disclosure_table(session: Session, now: datetime.datetime) -> None:
    """Keep the disclosure table this release serves by, unless it is the one kept last: every process asks at start."""
    # As text: the order of its items is the order in which they are shown.
    written = {"written": json.dumps(written_table())}
    if await standings.latest(session, "disclosure_table", "provider") != written:
        await standings.append(session, "disclosure_table", "provider", written, by="release", now=now)
