"""Every table, imported so that migrations see them all."""

from service.models import (
    audit,
    audit_seals,
    cases,
    end_of_service_reports,
    events,
    idempotency,
    organisations,
    profiles,
    proposals,
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
    "end_of_service_reports",
    "events",
    "idempotency",
    "organisations",
    "profiles",
    "proposals",
    "provider_changes",
    "provision",
    "recipients",
    "referrals",
    "screenings",
    "signing_keys",
    "workers",
]
