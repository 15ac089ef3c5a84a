"""Amendments of a referral to a contract, where the form asks one question: enough for a new version to differ."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from service.catalogue.definitions import Catalogue, Section
from tests.routes.drafting import CHECKS

PACK, QUESTION = "commissioned_services", "further_information"
NUMBERS = itertools.count(1)


@contextmanager
def asking_one_question(app: FastAPI) -> Iterator[None]:
    """Serve the form of commissioned services with one of its questions, so that it is complete once sent."""
    whole: Catalogue = app.state.catalogue
    pack = whole.pack(PACK)
    section = Section("service", "The service", (pack.by_id[QUESTION],))
    short = replace(pack, sections=(section,), inputs=(), windows=())
    app.state.catalogue = replace(whole, packs={**whole.packs, (PACK, pack.version): short})
    yield
    app.state.catalogue = whole


def amendment(**changes: Any) -> dict[str, Any]:
    """Return the body of an amendment that says something new, whatever else it changes."""
    answers = {QUESTION: {"value": f"Written for the {next(NUMBERS)}th time."}}
    return {"reason": "There is more to say.", "reasons": CHECKS, "answers": answers, **changes}
