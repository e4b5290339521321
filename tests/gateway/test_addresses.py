"""What proxies say they saw is believed of those we trust, and of nobody else."""

import pytest

from services.gateway.addresses import nearest_stranger, networks


@pytest.mark.parametrize(
    ("trusted", "said", "believed"),
    [
        ("", "203.0.113.7", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.0/8, 10.0.0.0/8", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, no-address", "no-address"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("::1", "203.0.113.7", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_of_trusted_proxies_only(trusted: str, said: str, believed: str) -> None:
    assert nearest_stranger("127.0.0.1", said, networks(trusted)) == believed


def test_a_network_that_is_none_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        networks("the-portal")
