"""Calls to addresses that strangers give: a machine is judged by the address that is really connected to.

What a name leads to is looked up once, by the connection itself, so that no second answer can lead elsewhere (OWASP's
SSRF prevention, case 2).
"""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

# IANA's special-purpose registry, and addresses clouds answer themselves at. Python's `is_global` forgets some
# (multicast, translation to IPv4, whatever embeds an address) and changed its mind between versions.
INNER_V4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
            *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
            *("224.0.0.0/3", "168.63.129.16/32"),
        ),
    )
)
OPEN_V6 = IPv6Network("2000::/3")
INNER_V6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16"))
)


class LeadsInside(OSError):
    """A name leads to no address of the open internet; the message names neither."""


def is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is an address of the open internet: no private, local, shared, translated or multicast one."""
    if isinstance(address, IPv4Address):
        return not _within(address, INNER_V4)
    return address in OPEN_V6 and address.scope_id is None and not _within(address, INNER_V6)


def _within(address: IPv4Address | IPv6Address, known: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in known)


class OpenResolver(AbstractResolver):
    """For a connector of aiohttp: names lead to addresses of the open internet only. Numbers never come here."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._resolver = resolver or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises `LeadsInside`."""
        found = await self._resolver.resolve(host, port, family)
        outside = [one for one in found if is_open(ip_address(one["host"].partition("%")[0]))]
        if not outside:
            raise LeadsInside("not on the open internet")
        return outside

    async def close(self) -> None:
        await self._resolver.close()
