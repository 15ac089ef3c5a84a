"""Loading the four invented cases through the service's own API: whatever is there already is left as it is."""

import datetime
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from service.demonstration.people import DemonstrationCase, read_cases, read_list
from service.demonstration.playing import Cast, amend, expect, open_case


@dataclass(frozen=True, slots=True)
class Loaders:
    """The callers that loading needs: the cast of a case, and an administrator for reference data."""

    cast: Cast
    administrator: httpx.AsyncClient


async def load(loaders: Loaders, today: datetime.date) -> list[str]:
    """Put recipients and workers in place and open each case that is not there yet; return the CRNs opened."""
    for worker in read_list("workers"):
        body = {name: value for name, value in worker.items() if name != "id"}
        expect(await loaders.administrator.put(f"/v1/workers/{worker['id']}", json=body))
    for recipient in read_list("recipients"):
        body = {name: value for name, value in recipient.items() if name != "id"}
        expect(await loaders.administrator.put(f"/v1/recipients/{recipient['id']}", json=body))
    return [case.crn for case in read_cases(today) if await _open(loaders.cast, case)]


async def _open(cast: Cast, case: DemonstrationCase) -> bool:
    """Open one case with everything known about the person; False where it was opened before."""
    known = await cast.record_system.get(f"/v1/cases/{case.crn}")
    if known.status_code == HTTPStatus.OK:
        return False
    await open_case(cast, case, case.crn)
    answers = {
        item: {"value": value} | ({"as_of": case.known_as_of[item].isoformat()} if item in case.known_as_of else {})
        for item, value in case.known.items()
    }
    await amend(cast.practitioner, case.crn, answers)
    if case.screening is not None:
        expect(await cast.practitioner.post(f"/v1/cases/{case.crn}/mappa-screenings", json=dict(case.screening)))
    return True
