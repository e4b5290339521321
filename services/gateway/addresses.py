"""Whose address a request comes from, when proxies we trust stand between."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


def networks(listed: str) -> tuple[Network, ...]:
    """`10.0.0.0/8,127.0.0.1` → networks. Raises `ValueError` for anything else."""
    return tuple(ip_network(one.strip()) for one in listed.split(",") if one.strip())


def nearest_stranger(peer: str, forwarded_for: str, trusted: Collection[Network]) -> str:
    """The nearest address that is no trusted proxy's: the peer itself, or what trusted proxies say they saw."""
    said = [part.strip() for part in forwarded_for.split(",")]
    passed = [peer, *(part for part in reversed(said) if part)]
    return next((address for address in passed if not _is_in(address, trusted)), passed[-1])


def _is_in(address: str, trusted: Collection[Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in trusted)
    except ValueError:
        return False
