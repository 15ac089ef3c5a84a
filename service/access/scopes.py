"""What a provider's token can be narrowed to: each scope with the operations it opens; a new operation is in none."""

from service.access.callers import Caller
from service.access.permissions import permits
from service.schemas.clients import ScopeName

SCOPES: dict[ScopeName, frozenset[str]] = {
    "referrals.read": frozenset(
        {
            *("list_provided_referrals", "read_provided_referral", "read_live_summary", "read_provided_document"),
            *("list_queries_as_provider", "read_progress_as_provider", "read_provision_as_provider"),
            *("read_proposals_as_provider", "read_end_of_service_report_as_provider"),
        }
    ),
    "referrals.act": frozenset(
        {
            *("receive_referral_as_provider", "accept_referral_as_provider", "reject_referral_as_provider"),
            *("schedule_referral_as_provider", "cancel_schedule_as_provider", "start_referral_as_provider"),
            *("record_outcome_as_provider", "ask_query_as_provider", "book_appointment", "record_attendance"),
            *("report_progress", "raise_concern", "propose_change", "write_end_of_service_report"),
        }
    ),
    "changes.read": frozenset({"list_provider_changes"}),
    "changes.acknowledge": frozenset({"acknowledge_change"}),
    "workers.manage": frozenset(
        {
            *("list_provider_workers", "register_provider_worker"),
            *("suspend_provider_worker", "reinstate_provider_worker"),
        }
    ),
}
# What says nothing of any person stays open to a token with any scope.
REFERENCE = frozenset(
    {
        "list_items",
        "list_packs",
        "read_pack",
        "read_life_cycle",
        "list_recipients",
        "list_contracts",
        "assess_eligibility",
    }
)


def scope_of(operation: str) -> ScopeName | None:
    """Return the scope that opens an operation; None for one that is in none."""
    return next((scope for scope, opened in SCOPES.items() if operation in opened), None)


def lets(operation: str, caller: Caller) -> bool:
    """Whether a caller may call an operation: their role has it, and their token was not narrowed to leave it out.

    A scope is a ceiling and no more: whom an operation may be about is decided by visibility.
    """
    if not permits(operation, caller.role):
        return False
    if caller.scopes is None or operation in REFERENCE:
        return True
    return any(operation in opened for scope, opened in SCOPES.items() if scope in caller.scopes)
