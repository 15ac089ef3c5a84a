"""What a request with a good token still has to pass: is the token ended, the proof used, the limit reached."""

from fastapi import Request

from service.access.callers import Role
from service.domain import request_limits
from service.errors import Unauthenticated
from service.observation import note_stranger
from service.routes import challenges
from service.store import admissions


async def admit(request: Request, *, looks_up_a_person: bool) -> None:
    """Let a request go on, or raise: Unauthenticated for an ended token or a used proof, TooManyRequests."""
    state, caller = request.state, request.state.caller
    now, address = request.app.state.clock(), request.app.state.settings.address
    # The record system brings a whole country's changes by one worker: its client alone is counted.
    worker = None if caller.role is Role.RECORD_SYSTEM else caller.worker
    limits = request.app.state.limits
    quotas = request_limits.quotas_of(limits, caller.client, worker, looks_up_a_person=looks_up_a_person)
    found = await admissions.admit(state.session, caller, state.proof, quotas, now)
    if found.ended:
        note_stranger("ended")
        told = challenges.to_a_bad_token(address, is_dpop=caller.bound_to is not None)
        raise Unauthenticated("The token is not valid.", headers=told)
    if not found.fresh:
        note_stranger("proof_used")
        raise Unauthenticated("The proof was used before.", headers=challenges.to_a_bad_proof(address))
    if quotas:
        state.rate_limit = request_limits.header_values(quotas, found.counted, now)
    if request_limits.exceeded(quotas, found.counted):
        raise request_limits.too_many(now)
