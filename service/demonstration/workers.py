"""One invented worker for each kind of caller, so that every door can be tried without naming anybody."""

from service.access.callers import Role
from service.access.tokens import Bearer

TEAM = "demo-team"
IN_THE_TEAM = (Role.PRACTITIONER, Role.MANAGER)
WORKERS: dict[Role, Bearer] = {
    bearer.role: bearer
    for bearer in (
        Bearer("p.demo", Role.PRACTITIONER),
        Bearer("m.demo", Role.MANAGER),
        Bearer("a.demo", Role.ASSESSOR, organisation="national-assessment"),
        Bearer("c.demo", Role.COORDINATOR, organisation="mappa-coordination"),
        Bearer("record-system", Role.RECORD_SYSTEM),
        Bearer("u.demo", Role.AUDITOR),
        Bearer("d.demo", Role.ADMINISTRATOR),
        Bearer("s.demo", Role.PREMISES, premises="ap-example"),
        Bearer("v.demo", Role.PROVIDER, organisation="harbour-homes"),
    )
}
