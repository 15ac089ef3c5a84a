"""What was refused, as a page: in plain words, with where to go on."""

from starlette.requests import Request
from starlette.responses import Response

from service.errors import (
    NotFound,
    NotPermitted,
    Problem,
    RevisionStale,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from service.pages.rendering import page

# In words for somebody who did not call an API; any other problem's own title is plain enough.
WORDS: dict[type[Problem], tuple[str, str]] = {
    NotFound: (
        "Page not found",
        "There is nothing here that you can see. Check the address, or go back to the start.",
    ),
    NotPermitted: ("You cannot do this", "Your role does not include this. Nothing was changed."),
    Unauthenticated: ("You have been signed out", "Your access has ended. Sign out here, then sign in again."),
    RevisionStale: (
        "Somebody changed this while you were looking at it",
        "Nothing was changed by you. Go back, look at it again as it now stands, and then go on.",
    ),
    Unavailable: ("Sorry, there is a problem", "The service cannot answer just now. Nothing was changed. Try again."),
    TooManyRequests: ("You have asked too often", "Wait a minute, then go on. Nothing was changed."),
    Problem: ("Sorry, there is a problem", "Something went wrong here, and it was not you. Try again later."),
}


def problem_page(request: Request, problem: Exception) -> Response:
    """Return a problem as a page; what nobody meant is shown without a word of its text."""
    known = problem if isinstance(problem, Problem) else Problem()
    title, said = WORDS.get(type(known), (known.title, known.detail))
    if known.detail not in {known.title, said} and type(known) in WORDS:
        said = known.detail
    answer = page(
        request,
        "problem",
        known.status,
        title=title,
        said=said,
        faults=[fault.detail for fault in known.errors],
        is_ours=known.status >= 500,
    )
    answer.headers.update({name: value for name, value in known.headers.items() if name == "Retry-After"})
    return answer
