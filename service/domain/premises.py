"""The kinds of approved premises, and how long somebody stays in each unless a reason is given."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds there are, as applications name them."""

    NORMAL = "normal"
    PIPE = "pipe"
    ESAP = "esap"
    RFAP = "rfap"
    MHAP_ELLIOTT_HOUSE = "mhap_elliott_house"
    MHAP_ST_JOSEPHS = "mhap_st_josephs"


# The lengths by which applications of today are made (August 2026); a longer or shorter stay needs a reason.
WEEKS: dict[Kind, int] = {
    Kind.NORMAL: 12,
    Kind.PIPE: 26,
    Kind.ESAP: 52,
    Kind.RFAP: 12,
    Kind.MHAP_ELLIOTT_HOUSE: 12,
    Kind.MHAP_ST_JOSEPHS: 12,
}
DAYS_A_WEEK = 7


def nights_of(kind: Kind) -> int:
    """Return how many nights a stay in premises of this kind has."""
    return WEEKS[kind] * DAYS_A_WEEK
