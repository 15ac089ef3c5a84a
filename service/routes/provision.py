"""A provider's work with a person over HTTP, and what the practitioner reads and acknowledges of it."""

import uuid

from fastapi import APIRouter, status

from service.conflicts import AppointmentSettled, ConcernAlreadyAcknowledged, ProvisionNotOpen
from service.domain.provision import Writing
from service.errors import NotFound, NotPermitted
from service.operations import provision as operations
from service.routes.dependencies import ActorDep, Repeatable, SessionDep, VisibleReferral
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.provision import (
    Acknowledgement,
    AppointmentShown,
    AttendanceGiven,
    Booking,
    ConcernGiven,
    ConcernShown,
    ProgressGiven,
    ProgressShown,
    Provision,
    appointment_shown,
    provision,
)
from service.store import provision as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["provision"])
PROVIDED = "/provider/referrals/{referral_id}"
SENT = "/referrals/{referral_id}"
READ = problems_of(NotFound, NotPermitted)
WRITTEN = problems_of(NotFound, NotPermitted, ProvisionNotOpen)
SETTLED = problems_of(NotFound, NotPermitted, ProvisionNotOpen, AppointmentSettled)
ACKNOWLEDGED = problems_of(NotFound, NotPermitted, ConcernAlreadyAcknowledged)


@router.post(f"{PROVIDED}/appointments", status_code=status.HTTP_201_CREATED, responses=SETTLED)
async def book_appointment(
    referral: VisibleReferral, session: SessionDep, actor: ActorDep, body: Booking, _repeat: Repeatable
) -> AppointmentShown:
    """Book an appointment, up to six months ahead, or record one that was held together with who came.

    Name in `replaces` the one it stands in for: both stay.
    """
    return appointment_shown(await operations.book_appointment(session, referral, body, actor))


@router.post(f"{PROVIDED}/appointments/{{appointment_id}}/attendance", responses=SETTLED)
async def record_attendance(
    appointment_id: uuid.UUID,
    referral: VisibleReferral,
    session: SessionDep,
    actor: ActorDep,
    body: AttendanceGiven,
    _repeat: Repeatable,
) -> AppointmentShown:
    """Record whether the person came, once the appointment has begun; after the referral has ended too."""
    return appointment_shown(await operations.record_attendance(session, referral, appointment_id, body, actor))


@router.post(f"{PROVIDED}/progress", status_code=status.HTTP_201_CREATED, responses=WRITTEN)
async def report_progress(
    referral: VisibleReferral, session: SessionDep, actor: ActorDep, body: ProgressGiven, _repeat: Repeatable
) -> ProgressShown:
    """Report how it goes. What is written stays as it is."""
    row = await operations.write_note(session, referral, Writing.PROGRESS, body.text, actor)
    return ProgressShown.model_validate(row)


@router.post(f"{PROVIDED}/concerns", status_code=status.HTTP_201_CREATED, responses=WRITTEN)
async def raise_concern(
    referral: VisibleReferral, session: SessionDep, actor: ActorDep, body: ConcernGiven, _repeat: Repeatable
) -> ConcernShown:
    """Raise a concern for somebody's safety. It stands in the practitioner's list until they acknowledge it by name."""
    row = await operations.write_note(session, referral, Writing.CONCERN, body.text, actor, about=str(body.about))
    return ConcernShown.model_validate(row)


@router.get(f"{PROVIDED}/progress/{{note_id}}", responses=READ)
async def read_progress_as_provider(
    note_id: uuid.UUID, referral: VisibleReferral, session: SessionDep
) -> ProgressShown:
    """Read one report of progress on this referral."""
    return ProgressShown.model_validate(await operations.read_note(session, referral, note_id, Writing.PROGRESS))


@router.get(f"{PROVIDED}/provision", responses=READ)
async def read_provision_as_provider(referral: VisibleReferral, session: SessionDep) -> Provision:
    """Read all that your organisation's side has written about a referral: appointments, progress, concerns."""
    return provision(*await store.provision_of(session, referral["id"]))


@router.get(f"{SENT}/progress/{{note_id}}", responses=READ)
async def read_progress(note_id: uuid.UUID, referral: VisibleReferral, session: SessionDep) -> ProgressShown:
    """Read one report of progress that the provider has made on this referral."""
    return ProgressShown.model_validate(await operations.read_note(session, referral, note_id, Writing.PROGRESS))


@router.get(f"{SENT}/provision", responses=READ)
async def read_provision(referral: VisibleReferral, session: SessionDep) -> Provision:
    """Read all that the provider has written about a referral: appointments, who came, progress, concerns."""
    return provision(*await store.provision_of(session, referral["id"]))


@router.post(f"{SENT}/concerns/{{concern_id}}/acknowledgement", responses=ACKNOWLEDGED)
async def acknowledge_concern(
    concern_id: uuid.UUID,
    referral: VisibleReferral,
    session: SessionDep,
    actor: ActorDep,
    _repeat: Repeatable,
    body: Acknowledgement | None = None,
) -> ConcernShown:
    """Acknowledge a provider's concern, by name. Until then it stays in the work list."""
    note = body.note if body else None
    return ConcernShown.model_validate(await operations.acknowledge_concern(session, referral, concern_id, note, actor))
