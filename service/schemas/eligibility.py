"""The answer for every service, as callers are shown it."""

from pydantic import BaseModel

from service.domain.eligibility.lines import Line


class Eligibility(BaseModel):
    """Where a person stands with each service: status, what to do next and from when, and every reason why not."""

    approved_premises: Line
    cas3: Line
    commissioned_services: Line
    duty_to_refer: Line
    proposed_address: Line
    mappa: Line
