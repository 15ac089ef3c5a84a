"""Who is calling: the worker and role a verified token names."""

import uuid
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
    """A verified caller. `worker` is the token's subject; `organisation` the organisation they act for.

    A token may be narrowed to some `scopes` (None: all that the role has), to one referral (`narrowed_to`), and to the
    contracts shared with one `subcontractor`. `origins` are the tokens it was narrowed from, the first one first: it
    ends with any of them. `bound_to` is the thumbprint of the key whose holder alone may use it; `issued_at` is in
    seconds.
    """

    worker: str
    role: Role | ServiceRole
    client: str
    organisation: str | None = None
    area: str | None = None
    premises: str | None = None
    token_id: str = ""
    scopes: frozenset[str] | None = None
    narrowed_to: uuid.UUID | None = None
    subcontractor: str | None = None
    origins: tuple[str, ...] = ()
    bound_to: str | None = None
    issued_at: int = 0

    @property
    def lineage(self) -> list[str]:
        """The ids of its token and of those it was narrowed from: it stands while none of them has ended."""
        return [one for one in (self.token_id, *self.origins) if one]

    @property
    def receives(self) -> bool:
        """Whether the caller works for a recipient: they see referrals as sent, never a profile."""
        return self.role in RECIPIENTS

    @property
    def provides(self) -> bool:
        """Whether the caller works for a commissioned provider: they see what was sent, and what disclosure allows."""
        return self.role is Role.PROVIDER

    @property
    def is_sent_to(self) -> bool:
        """Whether referrals are sent to those the caller works for, a recipient or a provider: theirs is that side."""
        return self.receives or self.provides
