"""Loading the four invented cases through the service's own API: whatever is there already is left as it is."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import httpx

from service.demonstration.examples import send
from service.demonstration.figures import Figures
from service.demonstration.people import DemonstrationCase, read_cases, read_list
from service.demonstration.playing import Cast, Played, amend, answer_everything, expect, generate, open_case

SENT_TO_A_PROVIDER = "2_first_weekend_after_release"


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
    await load_providers(loaders.administrator)
    await load_premises(loaders.administrator)
    opened = [case for case in read_cases(today) if await _open(loaders.cast, case)]
    for case in opened:
        if case.name == SENT_TO_A_PROVIDER:
            await send_to_provider(loaders.cast, case)
        await _place(loaders.cast, case)
    return [case.crn for case in opened]


async def _place(cast: Cast, case: DemonstrationCase) -> None:
    """Expect a case's person at the demonstration premises, or say since when they have lived there."""
    if case.stay is None or cast.manager is None:
        return
    body = {name: value for name, value in case.stay.items() if name != "arrived_on"} | {"crn": case.crn}
    stay = expect(await cast.manager.post("/v1/placements", json=body))
    if "arrived_on" in case.stay:
        arrival = {"arrived_on": case.stay["arrived_on"]}
        expect(await cast.manager.post(f"/v1/placements/{stay['id']}/arrival", json=arrival))
    for written in case.stay_notes:
        said = {name: value for name, value in written.items() if name != "act"}
        expect(await cast.practitioner.post(f"/v1/placements/{stay['id']}/{written['act']}", json=said))


async def send_to_provider(cast: Cast, case: DemonstrationCase) -> None:
    """Send a case's referral for accommodation, so that the demonstration provider has somebody to look at."""
    only = replace(case, wanted=tuple(want for want in case.wanted if want.service_category == "acc"))
    played = Played(case.crn, {}, Figures(case.title))
    await generate(cast, only, played)
    await answer_everything(cast, only, played)
    for referral in played.referrals.values():
        await send(cast, referral)


async def load_providers(administrator: httpx.AsyncClient) -> None:
    """Register the invented providers, their contracts and their workers; what is registered already stays so."""
    for organisation in read_list("providers"):
        await _put(administrator, f"/v1/organisations/{organisation['id']}", organisation)
    for contract in read_list("contracts"):
        await _put(administrator, f"/v1/contracts/{contract['id']}", contract)
    for worker in read_list("provider_workers"):
        address = f"/v1/organisations/{worker['organisation']}/workers/{worker['id']}"
        await _put(administrator, address, {name: value for name, value in worker.items() if name != "organisation"})
    for client in read_list("clients"):
        await _put(administrator, f"/v1/clients/{client['id']}", client)


async def load_premises(administrator: httpx.AsyncClient) -> None:
    """Register the invented approved premises."""
    for premises in read_list("premises"):
        await _put(administrator, f"/v1/premises/{premises['id']}", premises)


async def _put(administrator: httpx.AsyncClient, address: str, entry: Mapping[str, Any]) -> None:
    body = {name: value for name, value in entry.items() if name != "id"}
    expect(await administrator.put(address, json=body))


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
