"""Every table, imported so that migrations see them all."""

from service.models import (
    audit,
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
