"""The end-of-service report over HTTP: its provider writes it once, and both sides read it."""

from fastapi import APIRouter, status

from service.conflicts import ProvisionNotOpen, ReportAlreadyWritten
from service.errors import NotFound, NotPermitted
from service.operations import end_of_service_reports as operations
from service.routes.dependencies import ActorDep, Repeatable, SessionDep, VisibleReferral
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.end_of_service_reports import ReportGiven, ReportShown

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["provision"])
PROVIDED = "/provider/referrals/{referral_id}/end-of-service-report"
SENT = "/referrals/{referral_id}/end-of-service-report"
READ = problems_of(NotFound, NotPermitted)
WRITTEN = problems_of(NotFound, NotPermitted, ProvisionNotOpen, ReportAlreadyWritten)


@router.post(PROVIDED, status_code=status.HTTP_201_CREATED, responses=WRITTEN)
async def write_end_of_service_report(
    referral: VisibleReferral, session: SessionDep, actor: ActorDep, body: ReportGiven, _repeat: Repeatable
) -> ReportShown:
    """Report how far each desired outcome was reached, once and for good, from the start of the work on.

    One entry for each outcome that stands: as sent, or as the practitioner agreed since.
    """
    return ReportShown.of(await operations.write(session, referral, body, actor))


@router.get(PROVIDED, responses=READ)
async def read_end_of_service_report_as_provider(referral: VisibleReferral, session: SessionDep) -> ReportShown:
    """Read the end-of-service report that your organisation's side has written."""
    return ReportShown.of(await operations.read(session, referral))


@router.get(SENT, responses=READ)
async def read_end_of_service_report(referral: VisibleReferral, session: SessionDep) -> ReportShown:
    """Read the provider's end-of-service report: how far each desired outcome was reached."""
    return ReportShown.of(await operations.read(session, referral))
