"""When two spellings are one family name: capitals, accents, hyphens and apostrophes are written in many ways."""

import unicodedata

# Accents on Latin, Greek and Cyrillic letters. The vowel signs of other scripts are part of the name.
ACCENTS = range(0x0300, 0x0370)


def plain_name(name: str) -> str:
    """Return a name's letters alone, without capitals or accents: `O'Néill-Smith` and `oneill smith` are the same."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in decomposed if unicodedata.category(sign)[0] in "LMN" and ord(sign) not in ACCENTS)


def is_same_name(one: str | None, other: str | None) -> bool:
    """Whether two names are written with the same letters; a name nobody has given, or without any, is nobody's."""
    plain = plain_name(one or "")
    return plain != "" and plain == plain_name(other or "")
