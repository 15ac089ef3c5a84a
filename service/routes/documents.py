"""A referral as a document and as the real form, over HTTP."""

from functools import partial
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Query, Response

from service.documents.contents import ReferralContents
from service.documents.html import CONTENT_SECURITY_POLICY, render_html
from service.documents.pdf import render_pdf
from service.domain.forms import by_field
from service.errors import NotAcceptable, NotFound, NotPermitted
from service.operations import readings
from service.routes.accepting import preferred
from service.routes.dependencies import (
    InventoryDep,
    ReaderDep,
    ReferralCase,
    SessionDep,
    VisibleReferral,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/referrals/{referral_id}", tags=["documents"])
# Typesetting takes a whole core: more at once than there are cores would only make everybody wait longer.
AT_ONCE = CapacityLimiter(2)
PDF, HTML = "application/pdf", "text/html"
# OpenAPI has no place for this header: what it may say is told by the answers there are.
Accept = Annotated[str | None, Header(include_in_schema=False)]
WithProvenance = Annotated[bool, Query(alias="provenance", description="Print where each answer comes from.")]
Collapsed = Annotated[bool, Query(description="Name what does not apply in one paragraph to a section.")]
Naming = Annotated[Literal["row", "field"], Query(description="Name values by inventory row or by form field.")]


@router.get(
    "/document",
    response_class=Response,
    responses={200: {"content": {PDF: {}, HTML: {}}}, **problems_of(NotFound, NotPermitted, NotAcceptable)},
)
async def read_referral_document(
    referral: VisibleReferral,
    case: ReferralCase,
    session: SessionDep,
    actor: ReaderDep,
    accept: Accept = None,
    with_provenance: WithProvenance = False,
    collapsed: Collapsed = False,
) -> Response:
    """Read the referral as PDF or accessible HTML: as it was sent, or a draft as it would be sent now."""
    kind = preferred(accept, (PDF, HTML))
    contents = await readings.document_contents(session, referral, case, actor)
    actor.record.details["format"] = kind
    return await rendered(contents, kind, with_provenance=with_provenance, collapsed=collapsed)


async def rendered(contents: ReferralContents, kind: str, *, with_provenance: bool, collapsed: bool) -> Response:
    """Return a document of one of the two kinds, set on a thread of its own."""
    options = {"with_provenance": with_provenance, "collapsed": collapsed}
    if kind == HTML:
        page = await to_thread.run_sync(partial(render_html, contents, **options))
        return Response(page, media_type=HTML, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})
    document = await to_thread.run_sync(partial(render_pdf, contents, **options), limiter=AT_ONCE)
    return Response(document, media_type=PDF, headers={"Content-Disposition": 'inline; filename="referral.pdf"'})


@router.get("/form", responses=problems_of(NotFound, NotPermitted))
async def read_referral_form(
    referral: VisibleReferral,
    case: ReferralCase,
    session: SessionDep,
    actor: ReaderDep,
    inventory: InventoryDep,
    naming: Naming = "row",
) -> dict[str, Any]:
    """Read the real form, filled: `{inventory row: value}` in that form's own code lists.

    With `naming=field`, `{page: {field: value}}` as the form's own pages name and split them (dates in three parts).
    """
    rows = await readings.form_values(session, referral, case, actor)
    return by_field(rows, inventory) if naming == "field" else rows
