"""Every table, imported so that migrations see them all."""

from service.models import (
    audit,
    audit_seals,
    cases,
    events,
    idempotency,
    organisations,
    profiles,
    provider_changes,
    provision,
    recipients,
    referrals,
    screenings,
    signing_keys,
    workers,
)

__all__ = [
    "audit",
    "audit_seals",
    "cases",
    "events",
    "idempotency",
    "organisations",
    "profiles",
    "provider_changes",
    "provision",
    "recipients",
    "referrals",
    "screenings",
    "signing_keys",
    "workers",
]
