"""When two spellings are one family name: capitals, accents, hyphens and apostrophes are written in many ways."""

import unicodedata


def plain_name(name: str) -> str:
    """Return a name's letters alone, without capitals or accents: `O'Néill-Smith` and `oneill smith` are the same."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def is_same_name(one: str | None, other: str | None) -> bool:
    """Whether two names are written with the same letters; a name nobody has given is nobody's."""
    if one is None or other is None:
        return False
    return plain_name(one) == plain_name(other)
