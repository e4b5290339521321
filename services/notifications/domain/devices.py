"""Devices that receive notifications: what a browser gave to be reached, and which addresses may be called."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from services.notifications.domain.channel_refusals import PushServiceRefused

# One person's telephones, tablets and computers; beyond that somebody is playing.
MOST_DEVICES = 10
LONGEST_ENDPOINT = 1_000
# The push services of the browsers there are: Chrome and Android, Firefox, Edge, Safari.
PUSH_HOSTS = (
    "fcm.googleapis.com",
    "android.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "*.push.apple.com",
)


@dataclass(frozen=True, kw_only=True)
class Device:
    """`endpoint`: where the browser's push service takes messages for it; `p256dh`, `auth`: the keys only the browser
    can open them with (base64url). `label`: what its owner calls it. `household_id`: empty for an agent's.
    """

    id: str
    person_id: str
    account_id: str
    household_id: str
    endpoint: str
    p256dh: str
    auth: str
    label: str
    added_at: datetime


def device_id(person_id: str, endpoint: str) -> str:
    """The natural key: a browser that registers again is the same device; the address itself is not in it."""
    named = "\n".join((person_id, endpoint))
    return f"dev_{hashlib.sha256(named.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, kw_only=True)
class PushServices:
    """Which addresses messages may be posted to. `hosts`: names, `*.name` for every name under it.

    `private`: also plain http and addresses of this machine, for tests and the sandbox.
    """

    hosts: tuple[str, ...] = PUSH_HOSTS
    private: bool = False

    def check(self, endpoint: str) -> None:
        """Raises `PushServiceRefused` unless it is https, port 443, of a push service, without a name or password."""
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            raise PushServiceRefused() from None
        host = (parts.hostname or "").rstrip(".")
        if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
            raise PushServiceRefused()
        if parts.username is not None or parts.password is not None or parts.fragment or not self._named(host):
            raise PushServiceRefused()
        if not self.private and (parts.scheme != "https" or port not in (None, 443) or _is_number(host)):
            raise PushServiceRefused()
        if parts.scheme not in ("https", "http"):
            raise PushServiceRefused()

    def _named(self, host: str) -> bool:
        return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in self.hosts)


def _is_number(host: str) -> bool:
    """An address instead of a name, in any of the ways to write one."""
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit() or host.lower().startswith("0x")
    return True
