"""Where a webhook may go: to machines of the open internet, over TLS, and nowhere else.

A URL is read strictly (RFC 3986 in ASCII), so that no two programs can read it differently; a machine is judged by the
address that is really connected to, whatever its name says (OWASP's SSRF prevention, case 2).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from shared.errors import N_, BadInput, Said
from shared.open_internet import is_open

LONGEST = 500
CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
WRITTEN = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
    rf"(?::(?P<port>[1-9][0-9]{{0,4}}))?(?:/{CHARACTER}*)?(?:\?(?:{CHARACTER}|\?)*)?"
)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that a cluster, an office or one machine gives itself (RFC 2606, 6761, 6762, 8375, ICANN's “internal”).
INNER_NAMES = (
    *("localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan"),
    *("arpa", "cluster", "svc", "consul", "docker", "test", "example", "invalid", "onion", "alt"),
)
Network = IPv4Network | IPv6Network


class AddressRefused(BadInput):
    """`because` is a sentence; it never says what an address inside answers."""

    code = "webhook-address-refused"
    title = N_("Webhooks do not go there")
    sentence = N_("Webhooks can not be sent to this address: %(because)s")
    remedy = N_("Give an https address of your partner's on the open internet, written out and without a password.")


NOT_WRITTEN = N_("it is not written as an address such as https://partner.fr/webhooks.")
NOT_TLS = N_("it must begin with https://.")
WRONG_PORT = N_("its port is not one of those that are open: %(ports)s.")
NO_NAME = N_("its host is no name on the open internet.")
INNER = N_("it does not lead to the open internet.")


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What the operator lets webhooks reach.

    `inside`: any address, also http, for tests and the sandbox. `refused`: networks of the operator's own that have
    addresses of the open internet.
    """

    ports: frozenset[int] = frozenset({443, 8443})
    inside: bool = False
    refused: tuple[Network, ...] = ()

    def allows(self, address: str) -> bool:
        """Whether a connection to that address, in any way of writing IPv4 or IPv6, may be made."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return self.inside or (is_open(found) and not any(found in network for network in self.refused))


@dataclass(frozen=True, kw_only=True)
class Address:
    """A URL that may be asked, in its parts. `host` is without brackets."""

    url: str
    scheme: str
    host: str
    port: int


def networks(setting: str) -> tuple[Network, ...]:
    """Networks apart by commas. Raises `ValueError`."""
    return tuple(ip_network(part) for part in filter(None, map(str.strip, setting.split(","))))


def address_of(url: str, reach: Reach) -> Address:
    """Raises `AddressRefused`. A name that leads inside is found out when it is connected to, each time anew."""
    match = WRITTEN.fullmatch(url) if len(url) <= LONGEST else None
    if match is None:
        raise AddressRefused(because=Said(msgid=NOT_WRITTEN))
    scheme, host = match["scheme"].lower(), match["host"].lower().removesuffix(".").strip("[]")
    port = int(match["port"] or (443 if scheme == "https" else 80))
    if not reach.inside:
        _check(scheme, host, port, reach)
    return Address(url=url, scheme=scheme, host=host, port=port)


def _check(scheme: str, host: str, port: int, reach: Reach) -> None:
    if scheme != "https":
        raise AddressRefused(because=Said(msgid=NOT_TLS))
    if port not in reach.ports:
        raise AddressRefused(because=Said(msgid=WRONG_PORT, facts={"ports": ", ".join(map(str, sorted(reach.ports)))}))
    if ":" in host or _is_number(host):
        # `127.1`, `0177.0.0.1`, `0x7f000001` and `2130706433` are addresses to some programs: here only four numbers.
        if not reach.allows(host):
            raise AddressRefused(because=Said(msgid=INNER))
    elif not _is_public_name(host):
        raise AddressRefused(because=Said(msgid=NO_NAME))


def _is_number(host: str) -> bool:
    """The last part is a number: no name ends so, and whoever reads addresses loosely reads one (WHATWG URL, 3.5)."""
    return NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    return (
        len(labels) > 1 and labels[-1] not in INNER_NAMES and "svc" not in labels and all(map(LABEL.fullmatch, labels))
    )
