"""What an organisation's workers are told where access to a person is restricted: each sees truly, and is told once."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.provider_changes import told_of_restriction

WORKERS = ("ann", "bob", "cal")


@given(restricted=st.booleans(), was_restricted=st.booleans(), named=st.frozensets(st.sampled_from(WORKERS)))
def test_each_worker_is_told_exactly_once_of_what_changed_for_them(
    *, restricted: bool, was_restricted: bool, named: frozenset[str]
) -> None:
    told = told_of_restriction(restricted=restricted, was_restricted=was_restricted, named=named)
    for worker in WORKERS:
        saw, sees = (not limited or worker in named for limited in (was_restricted, restricted))
        heard = told.kind if told is not None and worker not in told.not_for else None
        assert heard == (None if saw is sees else "added" if sees else "removed"), worker
