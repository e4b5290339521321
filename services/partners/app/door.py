"""RabbitMQ's HTTP API: who may come to the partners' virtual host, and what waits for them there."""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from yarl import URL

from services.partners.domain.subscriptions import queue_of
from shared.errors import Unavailable

TIMEOUT = aiohttp.ClientTimeout(total=10)
CONNECTIONS, CHANNELS = 2, 4
NOTHING = "^$"
GONE = 404
OK = range(200, 300)
QUEUE_NAMES = r"^partner\.psb_[0-9a-f]+\.in$"


def vhost_of(amqp_url: str) -> str:
    return unquote(urlsplit(amqp_url).path.removeprefix("/")) or "/"


def user_of(url: str) -> tuple[str, str, str]:
    """The address without its log-in, the user and the password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    address = f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"
    return address + parts.path.rstrip("/"), unquote(parts.username or ""), unquote(parts.password or "")


class Door:
    """`amqp_url`: the partners' virtual host, with the user who fills the queues there; `api_url`: the HTTP API."""

    def __init__(self, session: aiohttp.ClientSession, *, amqp_url: str, api_url: str) -> None:
        self._session = session
        self._address, user, password = user_of(api_url)
        self._authorization = aiohttp.encode_basic_auth(user, password)
        self._feeder = user_of(amqp_url)[1]
        self._vhost = vhost_of(amqp_url)

    async def prepare(self, *, queues: int, queue_length: int) -> None:
        """The virtual host, its bound of queues, who fills them, and what a full one does: harmless when repeated."""
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        full = {"max-length": queue_length, "overflow": "reject-publish"}
        policy = {"pattern": QUEUE_NAMES, "apply-to": "queues", "definition": full, "priority": 1}
        await self._call("PUT", "vhosts", self._vhost)
        await self._call("PUT", "permissions", self._vhost, self._feeder, body=everything)
        await self._call("PUT", "vhost-limits", self._vhost, "max-queues", body={"value": queues})
        await self._call("PUT", "policies", self._vhost, "partner-queues", body=policy)

    async def let_in(self, subscription_id: str, password: str) -> None:
        """A queue, and a user who may take from it and do nothing else; with a new password if they are there."""
        await self.make_queue(subscription_id)
        await self._call("PUT", "users", subscription_id, body={"password": password, "tags": ""})
        await self._call("PUT", "user-limits", subscription_id, "max-connections", body={"value": CONNECTIONS})
        await self._call("PUT", "user-limits", subscription_id, "max-channels", body={"value": CHANNELS})
        # Last: before that the user is let in nowhere.
        name = queue_of(subscription_id).replace(".", r"\.")
        rights = {"configure": NOTHING, "write": NOTHING, "read": f"^{name}$"}
        await self._call("PUT", "permissions", self._vhost, subscription_id, body=rights)

    async def make_queue(self, subscription_id: str) -> None:
        queue = {"durable": True, "arguments": {"x-queue-type": "quorum"}}
        await self._call("PUT", "queues", self._vhost, queue_of(subscription_id), body=queue)

    async def hang_up(self, subscription_id: str) -> None:
        """End the user's connections."""
        await self._call("DELETE", "connections", "username", subscription_id)

    async def shut_out(self, subscription_id: str) -> None:
        """Without the user its connections end; the queue goes with what is in it."""
        await self._call("DELETE", "users", subscription_id)
        await self._call("DELETE", "queues", self._vhost, queue_of(subscription_id))

    async def _call(self, method: str, *path: str, body: Any = None) -> None:
        """Raises `Unavailable`."""
        url = f"{self._address}/api/{'/'.join(quote(part, safe='') for part in path)}"
        headers = {"Authorization": self._authorization}
        try:
            async with self._session.request(method, _raw(url), json=body, headers=headers, timeout=TIMEOUT) as answer:
                if answer.status in OK or (method == "DELETE" and answer.status == GONE):
                    return
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(retry_after=5) from error
        raise Unavailable(retry_after=5) from DoorRefused(f"{method} {path[0]}: {status}")


class DoorRefused(Exception):
    """RabbitMQ answered, and did not do it."""


def _raw(url: str) -> URL:
    """A virtual host may be called “/”: its quoted name is to stay quoted."""
    return URL(url, encoded=True)
