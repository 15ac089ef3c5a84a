"""The case profile over HTTP: read it, change it, see its history."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.conflicts import CaseClosed
from service.domain.profiles import Change
from service.errors import (
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
    RevisionMissing,
    RevisionStale,
)
from service.operations import profiles as operations
from service.operations import revisions
from service.routes.conditional import json_unless_held
from service.routes.dependencies import (
    ActorDep,
    CatalogueDep,
    Cursor,
    IfNoneMatch,
    Limit,
    ReadingDep,
    RecordDep,
    SessionDep,
    VisibleCase,
    VisibleProfile,
)
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.profiles import AnswerChange, HistoryPage, ProfileAmended, ProfileChanges, ProfileShown
from service.schemas.texts import CatalogueName
from service.store import profiles as store

router = APIRouter(route_class=TransactionalRoute, prefix="/v1/cases/{crn}/profile", tags=["profile"])


@router.get("", response_model=ProfileShown, responses=problems_of(NotFound, NotPermitted))
async def read_profile(profile: VisibleProfile, reading: ReadingDep, held: IfNoneMatch = None) -> Response:
    """Read everything known about the person: each answer with where it came from, and whether it is stale."""
    reading.record.items.extend(profile.answers)
    return json_unless_held(
        held,
        (profile.revision,),
        lambda: ProfileShown.of(profile.crn, profile.revision, profile.answers, reading.items, reading.oldest),
    )


@router.patch("", responses=problems_of(NotFound, NotPermitted, CaseClosed, RevisionStale, RevisionMissing))
async def amend_profile(
    case: VisibleCase,
    body: ProfileChanges,
    session: SessionDep,
    actor: ActorDep,
    response: Response,
) -> ProfileAmended:
    """Answer, confirm or take back any number of items: all of them are saved, or none.

    Send the ETag you read as If-Match. A 412 lists the items changed since, so that you can go on if yours are not
    among them. A record system names itself as each answer's source; nobody else may name one.
    """
    changes = [_change(item, change) for item, change in body.answers.items()]
    profile, changed = await operations.amend_profile(session, case["crn"], changes, actor)
    response.headers["ETag"] = revisions.etag(profile.revision)
    return ProfileAmended(crn=profile.crn, revision=profile.revision, changed=changed)


def _change(item: str, change: AnswerChange) -> Change:
    return Change(
        item=item,
        value=change.value,
        has_value="value" in change.model_fields_set,
        confirmed=change.confirmed,
        as_of=change.as_of,
        source=change.source,
        do_not_ask_again=change.do_not_ask_again,
    )


@router.get("/history", responses=problems_of(NotFound, NotPermitted))
async def read_profile_history(
    case: VisibleCase,
    session: SessionDep,
    catalogue: CatalogueDep,
    record: RecordDep,
    item: Annotated[CatalogueName | None, Query(description="One item's history; all items unless given.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HistoryPage:
    """Read every earlier value and who gave it, the newest first."""
    if item is not None and item not in catalogue.items:
        raise InvalidInput(errors=[FieldError("/query/item", "unknown-item", "There is no such item.")])
    page = HistoryPage.of(await store.history_page(session, case["crn"], item, cursor, limit), limit)
    record.items.extend(sorted({entry.item for entry in page.items}))
    return page
