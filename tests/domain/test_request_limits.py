"""Where a stranger comes from, for counting: one place has one name, however its address is written."""

import pytest

from service.domain.request_limits import network_of


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("a.socket", "a.socket"),
        ("", ""),
    ],
)
def test_an_ipv6_connection_is_one_place_and_so_is_an_ipv4_address(host: str, network: str) -> None:
    assert network_of(host) == network
