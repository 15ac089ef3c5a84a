"""Which of the formats we can make a caller would rather have (RFC 9110 §12.5.1)."""

from collections.abc import Sequence

from service.errors import NotAcceptable


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """Return the offered media type the header prefers, the first for no header or `*/*`; NotAcceptable for none."""
    if accept is None or not accept.strip():
        return offered[0]
    ranked = sorted(((_quality(accept, kind), -place) for place, kind in enumerate(offered)), reverse=True)
    quality, place = ranked[0]
    if quality <= 0:
        raise NotAcceptable(f"This can be {' or '.join(offered)}.")
    return offered[-place]


def _quality(accept: str, kind: str) -> float:
    """The weight the most specific matching range gives a media type; 0 where none matches."""
    main = kind.split("/", maxsplit=1)[0]
    best = (0, 0.0)
    for part in accept.split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        for specificity, pattern in enumerate(("*/*", f"{main}/*", kind), start=1):
            if media_range.lower() == pattern and specificity > best[0]:
                best = (specificity, _weight(parameters))
    return best[1]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
