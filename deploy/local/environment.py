"""The environment of every process, built in this one place: what runs here and what runs in containers differ only
in where the parts are (`Place`).

A variable you set yourself wins: `RESERVATIONS_LOG_LEVEL=DEBUG make run`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import mongo, rabbit
from deploy.local.letters import of_bounces, of_letters
from deploy.local.ports import LOOPBACK
from deploy.local.secrets import Secrets
from shared.messaging import topology

DOMAIN = ("identity", "reservations", "billing", "notifications", "requests", "partners")
KEEPING = (*DOMAIN, "portal")
SERVICES = (*DOMAIN, "gateway", "portal")
PURPOSES = ("events", "profiles")
QUEUES = (topology.LOG, *(f"{service}.{purpose}" for service in DOMAIN for purpose in PURPOSES))
PAYFIP_ENDPOINT = "/tpa/services/securite"
PAYFIP_PAGE = "/tpa/paiementws.web"
CARD_PAGE = "/vads-payment/"
# Known to everybody: it opens the stand-in of the national quotient service, nothing else.
QUOTIENT_TOKEN = "preau-sandbox-quotients"
SIGNING_KEY = "identity-signing-key.json"
FRANCECONNECT_SECRET = "identity-franceconnect-secret"
FRANCECONNECT_CLIENT = "preau"
SISTER = "sister"
FRANCECONNECT_API = "/api/v2"
FRANCECONNECT_PAGES = "/oauth/franceconnect"
# Begins like a setting of the requests service, but tells Python's requests library where certificates are.
OF_LIBRARIES = {"REQUESTS_CA_BUNDLE"}
# Large buffers (a password's hash, a PDF) go back to the system when freed, instead of staying in one heap a thread.
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "262144"}
# But not those of password hashes: taking 19 MiB from the system anew for each costs half as much as the hash itself.
MEMORY_OF = {
    "identity": {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "33554432"}
}
# Its events are invented, for partners to try; its manager is loaded with the sample towns.
SANDBOX_TOWN = "bac-a-sable"
SENDER = "Préau <ne-pas-repondre@preau.example>"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the parts of one installation are.

    `ports`: what a browser on this machine uses; `inside`: `host:port` by which the parts reach each other;
    `listen_on`: the address services bind; `data`: the folder of the key files, as the services see it.
    """

    ports: Mapping[str, int]
    inside: Mapping[str, str]
    listen_on: str
    data: Path

    def public(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def named(self, name: str) -> str:
        """The same by a name: browsers make passkeys for names, never for numbers."""
        return f"http://localhost:{self.ports[name]}"

    def private(self, name: str) -> str:
        return f"http://{self.inside[name]}"

    def inner(self, name: str) -> tuple[str, int]:
        host, _, port = self.inside[name].rpartition(":")
        return host, int(port)


def this_machine(ports: Mapping[str, int], data: Path) -> Place:
    inside = {name: f"{LOOPBACK}:{port}" for name, port in ports.items()}
    return Place(ports=ports, inside=inside, listen_on=LOOPBACK, data=data)


def of_service(service: str, place: Place, secrets: Secrets) -> dict[str, str]:
    """Exactly the variables that service reads."""
    values = _http(service, place)
    if service in KEEPING:
        password = secrets.of("mongo", service)
        values |= {"MONGO_URL": mongo.url(*place.inner("mongo"), service, password), "MONGO_DATABASE": service}
    if service in (*DOMAIN, "gateway"):
        values["AMQP_URL"] = rabbit.url(*place.inner("amqp"), service, secrets.of("amqp", service))
    if service == "notifications":
        values |= of_letters(secrets)
    if service == "partners":
        values |= _partners_door(place, secrets)
        values["SECRETS_KEY"] = f"local:{secrets.of('partners', 'secrets key')}"
    if service == "requests":
        values["FILES_KEY"] = f"local:{secrets.of('requests', 'files key')}"
    if service == "billing":
        values["SECRETS_KEY"] = f"local:{secrets.of('billing', 'secrets key')}"
    return _prefixed(service, values | OWN.get(service, _nothing)(place))


def to_migrate(service: str, place: Place, secrets: Secrets) -> dict[str, str]:
    """The same, with users who may change the schema and declare queues."""
    migrator = migrator_of(service)
    database = mongo.url(*place.inner("mongo"), migrator, secrets.of("mongo", migrator))
    broker = rabbit.url(*place.inner("amqp"), rabbit.ADMIN, secrets.of("amqp", rabbit.ADMIN))
    rights = {"MONGO_URL": database} | ({"AMQP_ADMIN_URL": broker} if service in DOMAIN else {})
    return of_service(service, place, secrets) | _prefixed(service, rights)


def migrator_of(service: str) -> str:
    return f"{service}-migrations"


def of_sandbox(place: Place, secrets: Secrets) -> dict[str, str]:
    names = ("mail", "smtp", "payment", "sister", "franceconnect")
    ports = {f"{name.upper()}_PORT": str(place.inner(name)[1]) for name in names}
    pages = place.named("gateway") + FRANCECONNECT_PAGES
    franceconnect = {
        "FRANCECONNECT_PUBLIC_URL": place.public("franceconnect"),
        "FRANCECONNECT_CLIENT_ID": FRANCECONNECT_CLIENT,
        "FRANCECONNECT_CLIENT_SECRET": franceconnect_secret(secrets),
        "FRANCECONNECT_CALLBACK": f"{pages}/callback",
        "FRANCECONNECT_SIGNED_OUT": f"{pages}/signed-out",
    }
    others = {**_sister(place, secrets), **franceconnect, **of_bounces(place.private("gateway"), secrets)}
    return _prefixed("sandbox", {"HOST": place.listen_on, **ports, **others})


def _sister(place: Place, secrets: Secrets) -> dict[str, str]:
    return {
        "SISTER_PUBLIC_URL": place.public("sister"),
        "SISTER_ISSUER": place.named("gateway"),
        "SISTER_INSIDE": place.private("gateway"),
        "SISTER_CLIENT_ID": SISTER,
        "SISTER_CLIENT_SECRET": secrets.of("site", SISTER),
    }


def franceconnect_secret(secrets: Secrets) -> str:
    """What the stand-in knows this installation by."""
    return secrets.of("franceconnect", FRANCECONNECT_CLIENT)


def of_process(name: str, table: Mapping[str, str]) -> dict[str, str]:
    """What the process is started with: this one's environment without other services' variables, and the table."""
    foreign = tuple(f"{other.upper()}_" for other in (*SERVICES, "sandbox") if other != name)
    inherited = {key: value for key, value in os.environ.items() if key in OF_LIBRARIES or not key.startswith(foreign)}
    own = {key: value for key, value in inherited.items() if key.startswith(f"{name.upper()}_")}
    for key in OF_LIBRARIES & own.keys():
        # The service of that name would take it for a misspelt setting of its own.
        del inherited[key], own[key]
    return {**MEMORY, **MEMORY_OF.get(name, {}), **inherited, **table, **own}


@contextmanager
def applied(environment: Mapping[str, str]) -> Iterator[None]:
    """`os.environ` is that environment for as long as the block reads settings."""
    before = dict(os.environ)
    _replace(environment)
    try:
        yield
    finally:
        _replace(before)


def _replace(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


def _prefixed(service: str, values: Mapping[str, str]) -> dict[str, str]:
    return {f"{service.upper()}_{name}": value for name, value in values.items()}


def _http(service: str, place: Place) -> dict[str, str]:
    return {
        "HTTP_HOST": place.listen_on,
        "HTTP_PORT": str(place.inner(service)[1]),
        "JWKS_URL": f"{place.private('identity')}/.well-known/jwks.json",
        "ISSUER": place.public("gateway"),
        "LOG_LEVEL": "INFO",
        "OTLP_ENDPOINT": "",
    }


def _nothing(_: Place) -> dict[str, str]:
    return {}


def _identity(place: Place) -> dict[str, str]:
    addresses = {"PUBLIC_URL": place.named("gateway"), "PORTAL_URL": place.public("portal")}
    return {"SIGNING_KEY_FILE": str(place.data / SIGNING_KEY), **addresses, **_franceconnect(place)}


def _franceconnect(place: Place) -> dict[str, str]:
    """Off in containers: an issuer has one address for browsers and services, and 127.0.0.1 is two places there."""
    here = place.listen_on == LOOPBACK
    return {
        "FRANCECONNECT_ISSUER": place.public("franceconnect") + FRANCECONNECT_API if here else "",
        "FRANCECONNECT_CLIENT_ID": FRANCECONNECT_CLIENT,
        "FRANCECONNECT_CLIENT_SECRET_FILE": str(place.data / FRANCECONNECT_SECRET),
    }


def _billing(place: Place) -> dict[str, str]:
    return {
        "GATEWAY_URL": place.public("gateway"),
        "PORTAL_URL": place.public("portal"),
        "PAYFIP_ENDPOINT": place.private("payment") + PAYFIP_ENDPOINT,
        "PAYFIP_PAGE": place.public("payment") + PAYFIP_PAGE,
        "CARD_PAGE": place.public("payment") + CARD_PAGE,
        "QUOTIENT_SERVICE_URL": place.private("franceconnect"),
        "QUOTIENT_SERVICE_TOKEN": QUOTIENT_TOKEN,
    }


def _reservations(place: Place) -> dict[str, str]:
    return {"PUBLIC_URL": place.public("gateway")}


def _notifications(place: Place) -> dict[str, str]:
    host, port = place.inner("smtp")
    return {
        "SMTP_HOST": host,
        "SMTP_PORT": str(port),
        "SENDER": SENDER,
        "PORTAL_URL": place.public("portal"),
        "PUBLIC_URL": place.public("gateway"),
        "SMS_GATEWAY": "log",
    }


def _partners(place: Place) -> dict[str, str]:
    """Here whoever tries it has the receiver of their webhooks on this machine, and a town of invented events."""
    return {"PUBLIC_URL": place.public("gateway"), "WEBHOOK_ANYWHERE": "true", "SANDBOX_TOWN": SANDBOX_TOWN}


def _partners_door(place: Place, secrets: Secrets) -> dict[str, str]:
    """The partners' virtual host, here on the broker of the house; its own user looks after it."""
    password = secrets.of("amqp", rabbit.DOORKEEPER)
    return {
        "DOOR_AMQP_URL": rabbit.url(*place.inner("amqp"), rabbit.DOORKEEPER, password, rabbit.PARTNERS_VHOST),
        "DOOR_API_URL": f"http://{rabbit.DOORKEEPER}:{password}@{place.inside['amqpapi']}",
        "DOOR_ADDRESS": f"amqp://{LOOPBACK}:{place.ports['amqp']}/{rabbit.PARTNERS_VHOST}",
    }


def _gateway(place: Place) -> dict[str, str]:
    addresses = {f"{service.upper()}_URL": place.private(service) for service in DOMAIN}
    return {**addresses, "PUBLIC_URL": place.public("gateway"), "CORS_ORIGINS": place.public("portal")}


def _portal(place: Place) -> dict[str, str]:
    return {
        "GATEWAY_URL": place.private("gateway"),
        "PUBLIC_URL": place.public("portal"),
        # A card payment is led there by a page of the gateway.
        "PAYMENT_ORIGINS": f"{place.public('payment')} {place.public('gateway')}",
    }


OWN: Mapping[str, Callable[[Place], dict[str, str]]] = {
    "identity": _identity,
    "reservations": _reservations,
    "billing": _billing,
    "notifications": _notifications,
    "partners": _partners,
    "gateway": _gateway,
    "portal": _portal,
}
