"""Every port of a local Préau: its number, who needs it, and the variable that changes it."""

import itertools
import os
import socket
from collections.abc import Iterable, Mapping

LOOPBACK = "127.0.0.1"
PREFIX = "PREAU_PORT_"
HIGHEST = 65535
OURS = range(20_000, 32_000)

# name: (number, who needs it). The variable is PREAU_PORT_ and the name in capitals.
NEEDS = {
    "portal": (8000, "the portal"),
    "gateway": (8080, "the gateway"),
    "mail": (8025, "the page of the mail stand-in"),
    "smtp": (8026, "the mail stand-in"),
    "payment": (8090, "the payment stand-in"),
    "sister": (8091, "the sister site"),
    "franceconnect": (8092, "the FranceConnect stand-in"),
    "identity": (8101, "the identity service"),
    "reservations": (8102, "the reservations service"),
    "billing": (8103, "the billing service"),
    "notifications": (8104, "the notifications service"),
    "requests": (8105, "the requests service"),
    "partners": (8106, "the partners service"),
    "mongo": (27117, "the database"),
    "amqp": (5673, "the message broker"),
    "amqpapi": (15673, "the HTTP API of the message broker"),
}


class PortRefused(Exception):
    """A sentence that names the port, who needs it and the variable to change."""


def variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def chosen(environment: Mapping[str, str]) -> dict[str, int]:
    """The port of each name; a variable set to 0 takes any free port. Raises `PortRefused`."""
    _refuse_unknown(environment)
    wanted = {name: _number(name, environment.get(variable(name), str(number))) for name, (number, _) in NEEDS.items()}
    anything = iter(free(list(wanted.values()).count(0)))
    return _refuse_shared({name: number or next(anything) for name, number in wanted.items()})


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {variable(name) for name in NEEDS}
    for key in sorted(environment):
        if key.startswith(PREFIX) and key not in known:
            raise PortRefused(f"No port is called {key}. The variables are {', '.join(sorted(known))}.")


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > HIGHEST:
        raise PortRefused(f"{variable(name)} must be a port from 1 to {HIGHEST}, or 0 for any free one, not “{text}”.")
    return int(text)


def _refuse_shared(ports: dict[str, int]) -> dict[str, int]:
    owners: dict[int, str] = {}
    for name, number in ports.items():
        other = owners.setdefault(number, name)
        if other != name:
            raise PortRefused(
                f"Port {number} is given to {NEEDS[other][1]} and to {NEEDS[name][1]}: change {variable(name)}."
            )
    return ports


def refuse_taken(ports: Mapping[str, int]) -> None:
    """Raises `PortRefused` for the first port another program listens on."""
    for name, number in ports.items():
        if is_taken(number):
            raise PortRefused(
                f"Port {number} is taken and {NEEDS[name][1]} needs it: "
                f"free it, or choose another with {variable(name)}=<number>."
            )


def is_taken(number: int) -> bool:
    with socket.socket() as probe:
        # Without it a port counts as taken for a minute after its last owner left.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, number))
        except OSError:
            return True
    return False


# Two processes that look at the same moment begin at different ones; one process never gives the same twice.
_FIRST = os.getpid() * 20 % len(OURS)
_CANDIDATES = itertools.cycle((*OURS[_FIRST:], *OURS[:_FIRST]))


def free(count: int) -> Iterable[int]:
    """That many different ports nobody listens on now, none of those the system gives to outgoing connections: one
    of these could be taken before it is listened on.
    """
    return list(itertools.islice((one for one in _CANDIDATES if not is_taken(one)), count))
