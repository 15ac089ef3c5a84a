"""The service put together: its database, its clock, its routes, and one shape for everything it refuses."""

import datetime
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from service import db, observation
from service.access.feed_cursors import FeedCursors
from service.access.issuers import Issuer, TwoIssuers
from service.access.strangers import key_of
from service.access.tokens import ClaimNames
from service.catalogue.definitions import AgeLimit
from service.catalogue.inventories import inventory
from service.catalogue.loading import catalogue
from service.db import Sessions
from service.domain.ages import read_ages
from service.domain.eligibility.thresholds import read_thresholds
from service.domain.request_limits import Limits
from service.jobs import feed_watching, housekeeping, sealing
from service.operations import issuers, past_views
from service.operations import provider_changes as provider_changes_operations
from service.operations.strangers import Strangers
from service.pages import authentication as page_authentication
from service.pages import registered_pages
from service.routes import (
    accesses,
    api_pages,
    audits,
    authentication,
    bookings,
    cases,
    checks,
    clients,
    contracts,
    decisions,
    descriptions,
    directory,
    disclosures,
    documents,
    eligibility,
    end_of_service_reports,
    hand_overs,
    health,
    inboxes,
    issuer,
    life_cycle,
    move_on,
    named_workers,
    observed_requests,
    organisations,
    packs,
    person_events,
    premises,
    problems,
    profiles,
    proposals,
    provided_referrals,
    provider_changes,
    provider_decisions,
    provider_workers,
    provision,
    queries,
    questions,
    recipients,
    referrals,
    risk_lowerings,
    screenings,
    searches,
    shared_work,
    stays,
    strangers,
    timelines,
    tokens,
    work,
    workers,
)
from service.settings import Settings, load_settings

Clock = Callable[[], datetime.datetime]
# After so many more objects, so many young looks, and so many middle-aged ones.
GARBAGE_LOOKED_FOR = (10_000, 20, 50)
# Each request goes past the routes before its own: what is asked most often stands near the top.
ROUTERS = (
    profiles.router,
    provided_referrals.router,
    provider_changes.router,
    health.router,
    issuer.router,
    tokens.router,
    clients.router,
    packs.router,
    questions.router,
    referrals.router,
    documents.router,
    cases.router,
    checks.router,
    risk_lowerings.router,
    hand_overs.router,
    person_events.router,
    searches.router,
    workers.router,
    recipients.router,
    audits.router,
    accesses.router,
    decisions.router,
    bookings.router,
    eligibility.router,
    contracts.router,
    inboxes.router,
    life_cycle.router,
    queries.router,
    provider_decisions.router,
    provision.router,
    proposals.router,
    end_of_service_reports.router,
    screenings.router,
    timelines.router,
    work.router,
    organisations.router,
    directory.router,
    disclosures.router,
    named_workers.router,
    provider_workers.router,
    premises.router,
    stays.router,
    shared_work.router,
    move_on.router,
)


def utc_now() -> datetime.datetime:
    """Return the time now."""
    return datetime.datetime.now(datetime.UTC)


def create_app(settings: Settings | None = None, clock: Clock = utc_now) -> FastAPI:
    """Build the service; settings and clock can be given, so that tests need not patch anything."""
    settings = settings or load_settings()
    app = FastAPI(
        title="Referral Broker",
        version="1",
        summary="Answer each question about a person once; refer everywhere; keep everyone up to date.",
        lifespan=_lifespan,
        # The framework's own pages load their scripts from another host.
        docs_url=None,
        redoc_url=None,
        # A redirect would repeat a path, and whose case it names, in a header and in logs on the way.
        redirect_slashes=False,
    )
    observation.configure_logs()
    app.state.settings = settings
    app.state.clock = clock
    app.state.catalogue = catalogue()
    app.state.inventory = inventory()
    app.state.ages = read_ages(settings.maximum_ages)
    app.state.thresholds = read_thresholds(settings.eligibility_periods)
    app.state.limits = Limits(
        settings.client_requests_per_minute, settings.worker_requests_per_minute, settings.person_lookups_per_minute
    )
    problems.install(app)
    descriptions.install(app)
    api_pages.install(app)
    authentication.install(app)
    page_authentication.install(app)
    strangers.install(app, page_authentication.shown_where_asked)
    observed_requests.install(app)
    for router in ROUTERS:
        # Their routes themselves: an included router is gone through twice for each request, before the right one too.
        app.router.routes.extend(router.routes)
    registered_pages.install(app)
    if settings.is_development:
        app.add_api_route("/", _to_the_api_page, operation_id="read_start", include_in_schema=False)
    return app


async def _to_the_api_page() -> RedirectResponse:
    return RedirectResponse(api_pages.PAGE_PATH)


def served_app() -> FastAPI:
    """Build the service for a process that does nothing else.

    What there is by then, the catalogue above all, stays to the end: looking through it for garbage, in which nobody
    is answered, took a quarter of a second each time. What requests leave behind is looked through less often too.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_LOOKED_FOR)
    return app


def _install_issuers(app: FastAPI, settings: Settings, sessions: Sessions) -> None:
    """Say whom the app believes about callers (`issuer`), and through whom it issues tokens itself, if it does."""
    own = issuers.embedded_issuer(settings.address, settings.audience, sessions) if settings.issues_tokens else None
    other = _external_issuer(settings)
    app.state.own_issuer = own
    app.state.issuer = TwoIssuers(own, other) if own and other else own or other


def _external_issuer(settings: Settings) -> Issuer | None:
    if settings.issuer is None:
        return None
    names = ClaimNames(
        *(settings.role_claim, settings.organisation_claim, settings.area_claim, settings.premises_claim),
        settings.scope_claim,
    )
    jwks_url, algorithms = settings.external_jwks_url, settings.issuer_algorithms
    return issuers.external_issuer(settings.issuer, settings.audience, jwks_url, names, algorithms)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = db.create_engine(app.state.settings)
    async with engine.connect() as connection:
        await db.refuse_privileged_login(connection)
    app.state.engine = engine
    app.state.sessions = db.create_session_factory(engine)
    _install_issuers(app, app.state.settings, app.state.sessions)
    async with app.state.sessions() as session:
        cursor_key = await provider_changes_operations.make_cursor_key(session, app.state.clock())
        await past_views.keep_disclosure_table(session, app.state.clock())
        await session.commit()
    app.state.cursors = FeedCursors(cursor_key)
    most = app.state.settings.stranger_requests_per_minute
    app.state.strangers = Strangers(app.state.sessions, key_of(cursor_key), most)
    expires_after = datetime.timedelta(days=app.state.settings.draft_expires_after_days)
    async with (
        housekeeping.running(
            app.state.sessions, app.state.clock, expires_after, app.state.ages[AgeLimit.DUTY_TO_REFER]
        ),
        feed_watching.watching(app.state.sessions) as app.state.feed,
        sealing.running(app.state.sessions, app.state.clock),
    ):
        yield
    await engine.dispose()
