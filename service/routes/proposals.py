"""Proposals to change a referral over HTTP: its provider makes them, its practitioner decides, both read them."""

import uuid

from fastapi import APIRouter, status

from service.conflicts import (
    ProposalAlreadyDecided,
    ProposalLapsed,
    ProposalUndecided,
    ProvisionNotOpen,
)
from service.errors import NotFound, NotPermitted
from service.operations import proposals as operations
from service.routes.dependencies import ActorDep, ReaderDep, Repeatable, SessionDep, VisibleReferral
from service.routes.problems import problems_of
from service.routes.transactions import TransactionalRoute
from service.schemas.proposals import DecisionGiven, ProposalGiven, Proposals, ProposalShown

router = APIRouter(route_class=TransactionalRoute, prefix="/v1", tags=["provision"])
PROVIDED = "/provider/referrals/{referral_id}/proposals"
SENT = "/referrals/{referral_id}/proposals"
READ = problems_of(NotFound, NotPermitted)
PROPOSED = problems_of(NotFound, NotPermitted, ProvisionNotOpen, ProposalUndecided)
DECIDED = problems_of(NotFound, NotPermitted, ProposalAlreadyDecided, ProposalLapsed)


@router.post(PROVIDED, status_code=status.HTTP_201_CREATED, responses=PROPOSED)
async def propose_change(
    referral: VisibleReferral, session: SessionDep, actor: ActorDep, body: ProposalGiven, _repeat: Repeatable
) -> ProposalShown:
    """Propose another complexity level, or another desired outcome, and say why. The practitioner decides.

    Until then it stands in their work list, and what was sent stands.
    """
    return ProposalShown.of(await operations.propose(session, referral, body, actor))


@router.get(PROVIDED, responses=READ)
async def read_proposals_as_provider(referral: VisibleReferral, session: SessionDep, actor: ReaderDep) -> Proposals:
    """Read which complexity levels and outcomes stand, every proposal to change them, and what was decided."""
    return Proposals.of(*await operations.what_stands(session, referral, actor))


@router.get(SENT, responses=READ)
async def read_proposals(referral: VisibleReferral, session: SessionDep, actor: ReaderDep) -> Proposals:
    """Read which complexity levels and outcomes stand, what the provider proposed instead, and what was decided."""
    return Proposals.of(*await operations.what_stands(session, referral, actor))


@router.post(f"{SENT}/{{proposal_id}}/decision", responses=DECIDED)
async def decide_proposal(
    referral: VisibleReferral,
    proposal_id: uuid.UUID,
    session: SessionDep,
    actor: ActorDep,
    body: DecisionGiven,
    _repeat: Repeatable,
) -> ProposalShown:
    """Agree to a provider's proposal, or keep what stands, and say why. Both views and the decision stay for good.

    What is agreed stands at once, and the next version you send says it.
    """
    return ProposalShown.of(await operations.decide(session, referral, proposal_id, body, actor))
