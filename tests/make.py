"""What tests start from: small factories that write rows as the service would have; the caller commits."""

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from service.db import Session
from service.models.bookings import Booking
from service.models.cases import Allocation, CaseRecord, LimitedAccess
from service.models.checks import CheckRequest
from service.models.end_of_service_reports import EndOfServiceReport
from service.models.hand_overs import HandOver
from service.models.organisations import (
    Contract,
    ContractMember,
    Disclosure,
    NamedWorker,
    Organisation,
    ProviderWorker,
)
from service.models.premises import Premises
from service.models.profiles import Profile
from service.models.proposals import Proposal
from service.models.provision import Appointment, Note
from service.models.recipients import Recipient
from service.models.referrals import Referral, ReferralVersion
from service.models.risk_lowerings import RiskLowering
from service.models.stays import Stay
from service.models.workers import Worker
from tests import rows

A_MONDAY = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


async def open_case(
    session: Session,
    crn: str,
    worker: str = "p.test",
    team: str | None = None,
    *,
    at: datetime.datetime = A_MONDAY,
    **columns: Any,
) -> CaseRecord:
    """Add a case with an empty profile, allocated to a worker (and a team) in the community."""
    case = CaseRecord(crn=crn, opened_by=worker, opened_at=at, **columns)
    await rows.add(session, case)
    await rows.add(session, Profile(crn=crn, updated_at=at))
    await rows.add(
        session,
        Allocation(
            crn=crn,
            worker_id=worker,
            team=team,
            capacity="community_practitioner",
            allocated_by=worker,
            started_at=at,
        ),
    )
    return case


async def add_worker(
    session: Session,
    worker: str,
    team: str | None = None,
    *,
    name: str | None = None,
    region: str | None = None,
    active: bool = True,
) -> None:
    """Add a member of staff, or move them to a team."""
    await rows.merge(session, Worker(id=worker, name=name or worker, team=team, region=region, active=active))


async def limit_access(
    session: Session, crn: str, *, allowed: Iterable[str] = (), excluded: Iterable[str] = ()
) -> None:
    """Put workers on a case's lists (whether it is restricted is the case's own)."""
    lists = {"allowed": allowed, "excluded": excluded}
    for kind, workers in lists.items():
        for worker in workers:
            listed = LimitedAccess(crn=crn, worker_id=worker, kind=kind, recorded_by="r.test", recorded_at=A_MONDAY)
            await rows.add(session, listed)


async def add_recipient(
    session: Session,
    recipient: str,
    pack: str = "mappa",
    organisation: str = "org",
    *,
    categories: Iterable[str] = (),
) -> None:
    """Add a place that referrals can be sent to; a commissioned contract has service categories."""
    contract = {"categories": list(categories)} if categories else {}
    await rows.merge(
        session, Recipient(id=recipient, pack=pack, name=recipient, organisation=organisation, contract=contract)
    )


async def add_contract(
    session: Session,
    contract: str,
    prime: str,
    subcontractors: Iterable[str] = (),
    *,
    at: datetime.datetime = A_MONDAY,
    **columns: Any,
) -> None:
    """Add a recipient of commissioned-service referrals with its contract, and the organisations on it."""
    await add_recipient(session, contract, "commissioned_services", prime, categories=["acc"])
    known: dict[str, Any] = {"title": contract, "contract_type": "acc", "area_kind": "region", "starts_on": at.date()}
    known |= {"areas": ["east_of_england"], "categories": ["acc"]}
    await rows.merge(session, Contract(id=contract, **known | columns))
    for organisation in (prime, *subcontractors):
        await rows.merge(session, Organisation(id=organisation, name=organisation, registered_at=at))
    for organisation in (prime, *subcontractors):
        part = "prime" if organisation == prime else "subcontractor"
        await rows.add(
            session, ContractMember(contract_id=contract, organisation_id=organisation, part=part, started_at=at)
        )


async def add_provider_worker(
    session: Session,
    worker: str,
    organisation: str,
    *,
    administrator: bool = False,
    at: datetime.datetime = A_MONDAY,
) -> None:
    """Register a worker of an organisation, which must be there."""
    await rows.add(
        session,
        ProviderWorker(
            organisation_id=organisation,
            worker_id=worker,
            name=worker,
            is_administrator=administrator,
            registered_by="d.test",
            started_at=at,
        ),
    )


async def name_worker(session: Session, referral: uuid.UUID, crn: str, worker: str) -> None:
    """Name a provider's worker for a referral of a person with restricted access."""
    named: dict[str, Any] = {"referral_id": referral, "crn": crn, "named_by": "p.test", "named_at": A_MONDAY}
    await rows.add(session, NamedWorker(worker_id=worker, **named))


async def add_disclosure(
    session: Session, referral: uuid.UUID, crn: str, organisation: str, item: str = "coping_detail"
) -> uuid.UUID:
    """Disclose one more thing to an organisation for a referral, for a month; return the decision's id."""
    disclosure = Disclosure(
        referral_id=referral,
        crn=crn,
        organisation_id=organisation,
        item=item,
        gateway="consent",
        reason="They agreed.",
        decided_by="p.test",
        decided_at=A_MONDAY,
        expires_at=A_MONDAY + datetime.timedelta(days=30),
    )
    await rows.add(session, disclosure)
    return disclosure.id


async def add_referral(session: Session, crn: str, pack: str = "mappa", **columns: Any) -> uuid.UUID:
    """Add a draft of a pack, or with other columns (`status`, `version`…) a referral as far on; return its id."""
    referral_id = uuid.uuid4()
    row: dict[str, Any] = {"crn": crn, "pack": pack, "pack_version": "1", "status_since": A_MONDAY}
    row |= {"created_by": "p.test", "created_at": A_MONDAY, "updated_by": "p.test", "updated_at": A_MONDAY}
    await rows.add(session, Referral(id=referral_id, **row | columns))
    return referral_id


async def add_sent_referral(
    session: Session,
    crn: str,
    pack: str = "approved_premises",
    status: str = "submitted",
    *,
    at: datetime.datetime = A_MONDAY,
    version: int = 1,
    content: dict[str, Any] | None = None,
    **columns: Any,
) -> uuid.UUID:
    """Add a referral with the versions that were sent, all of them `at` one time, and received unless submitted."""
    known = {"received_version": 0 if status == "submitted" else version, "pack_version": "2026-11"}
    times = dict.fromkeys(("status_since", "created_at", "updated_at", "submitted_at"), at)
    columns = {**known, **times, "status": status, "version": version, **columns}
    referral_id = await add_referral(session, crn, pack, **columns)
    for number in range(1, version + 1):
        sent: dict[str, Any] = {"referral_id": referral_id, "number": number, "crn": crn, "digest": "0" * 64}
        sent |= {"content": content or {"sections": [], "form": {}}, "profile_revision": 0}
        await rows.add(session, ReferralVersion(submitted_by="p.test", submitted_at=at, **sent))
    return referral_id


async def add_booking(
    session: Session, referral: uuid.UUID, crn: str, status: str = "provisional", **columns: Any
) -> uuid.UUID:
    """Add a CAS3 booking for four weeks from the Monday, or with other columns another; return its id."""
    leaves = A_MONDAY.date() + datetime.timedelta(weeks=4)
    row: dict[str, Any] = {"arrival_on": A_MONDAY.date(), "departure_on": leaves, "sentence": "1", "place": "Room 3"}
    row |= {"booked_by": "a.test", "booked_at": A_MONDAY, "updated_at": A_MONDAY, "status": status, **columns}
    first = {"first_arrival_on": row["arrival_on"], "first_departure_on": row["departure_on"]}
    booking = Booking(referral_id=referral, crn=crn, **row, **first)
    await rows.add(session, booking)
    return booking.id


async def add_provision(
    session: Session, referral: uuid.UUID, crn: str, *, at: datetime.datetime = A_MONDAY
) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Add an appointment that was held, a report of progress and a concern; return their ids."""
    about: dict[str, Any] = {"referral_id": referral, "crn": crn}
    held: dict[str, Any] = {"kind": "delivery", "how": "phone", "minutes": 30, "booked_by": "v.test"}
    appointment = Appointment(**about, **held, starts_at=at, booked_at=at)
    progress = Note(**about, kind="progress", text="Going well.", written_by="v.test", written_at=at)
    concern = Note(**about, kind="concern", about="person", text="Not safe.", written_by="v.test", written_at=at)
    await rows.add(session, appointment, progress, concern)
    return appointment.id, progress.id, concern.id


async def add_proposal(
    session: Session, referral: uuid.UUID, crn: str, *, at: datetime.datetime = A_MONDAY, **columns: Any
) -> uuid.UUID:
    """Add a proposal of another complexity level, not decided yet; return its id."""
    known: dict[str, Any] = {"about": "complexity", "category": "acc", "stood": ["medium"], "proposed": "high"}
    known |= {"version": 1, "reason": "They have slept in a car.", "proposed_by": "v.test", "proposed_at": at}
    proposal = Proposal(referral_id=referral, crn=crn, **known | columns)
    await rows.add(session, proposal)
    return proposal.id


async def add_report(session: Session, referral: uuid.UUID, crn: str, *, at: datetime.datetime = A_MONDAY) -> None:
    """Add an end-of-service report on a referral that asked for no outcome."""
    await rows.add(
        session, EndOfServiceReport(referral_id=referral, crn=crn, version=1, written_by="v.test", written_at=at)
    )


async def add_check(
    session: Session,
    crn: str,
    kind: str = "domestic_abuse",
    *,
    asked_of: str = "Police, domestic abuse desk",
    at: datetime.datetime = A_MONDAY,
) -> uuid.UUID:
    """Add a check that was asked and is not answered; return its id."""
    asked = CheckRequest(crn=crn, kind=kind, asked_of=asked_of, asked_on=at.date(), asked_by="p.test", asked_at=at)
    await rows.add(session, asked)
    return asked.id


async def add_risk_lowering(
    session: Session, crn: str, *, by: str = "r.test", at: datetime.datetime = A_MONDAY
) -> uuid.UUID:
    """Add a risk level that was lowered near a release; return its id."""
    level = {"item": "risk_overall_level", "part": None, "before": "high", "after": "low"}
    made = RiskLowering(
        crn=crn, levels=[level], because=["near_release"], profile_revision=1, lowered_by=by, lowered_at=at
    )
    await rows.add(session, made)
    return made.id


async def add_premises(
    session: Session, premises: str, kind: str = "normal", region: str = "london", places: int = 24
) -> None:
    """Add approved premises, or change them."""
    named = Premises(id=premises, name=premises, kind=kind, region=region, places=places, registered_at=A_MONDAY)
    await rows.merge(session, named)


async def add_stay(
    session: Session, crn: str, premises: str, *, arrived_on: datetime.date | None = None, **columns: Any
) -> uuid.UUID:
    """Add the stay of somebody expected, or in residence since they arrived, at premises that are there."""
    day = arrived_on or A_MONDAY.date()
    known: dict[str, Any] = {"kind": "normal", "status": "in_residence" if arrived_on else "expected"}
    known |= {"expected_arrival_on": day, "expected_departure_on": day + datetime.timedelta(days=84)}
    known |= {"arrived_on": arrived_on, "resident_since": arrived_on, "opened_at": A_MONDAY}
    stay = Stay(crn=crn, premises_id=premises, **known | columns)
    await rows.add(session, stay)
    return stay.id


async def add_hand_over(
    session: Session,
    crn: str,
    departing: str,
    arriving: str | None = None,
    *,
    planned_on: datetime.date = datetime.date(2026, 11, 23),
    at: datetime.datetime = A_MONDAY,
) -> uuid.UUID:
    """Add a hand-over that is planned, in the community; return its id."""
    capacity = "community_practitioner"
    planned = HandOver(
        crn=crn,
        status="planned",
        from_worker=departing,
        from_capacity=capacity,
        to_worker=arriving,
        to_capacity=capacity,
        first_planned_on=planned_on,
        planned_on=planned_on,
        recorded_by=departing,
        recorded_at=at,
    )
    await rows.add(session, planned)
    return planned.id
