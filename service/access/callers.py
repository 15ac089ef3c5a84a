"""Who is calling: the worker and role a verified token names."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller is here to do; a token names exactly one."""

    PRACTITIONER = "practitioner"
    MANAGER = "manager"
    PREMISES = "premises"
    PROVIDER = "provider"
    ASSESSOR = "assessor"
    COORDINATOR = "coordinator"
    RECORD_SYSTEM = "record_system"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class ServiceRole(StrEnum):
    """What the service itself acts as where nobody calls; no token ever names it."""

    SYSTEM = "system"


RECIPIENTS = frozenset({Role.ASSESSOR, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller. `worker` is the token's subject; `organisation` the recipient organisation they act for."""

    worker: str
    role: Role | ServiceRole
    client: str
    organisation: str | None = None
    area: str | None = None
    premises: str | None = None
    token_id: str = ""

    @property
    def receives(self) -> bool:
        """Whether the caller works for a recipient: they see referrals as sent, never a profile."""
        return self.role in RECIPIENTS
