"""Which browser somebody signs in with, in the few words its owner knows it by; the header itself is kept nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

MOST_DEVICES = 30
REMEMBERED_FOR = timedelta(days=180)
NOTED_AGAIN_AFTER = timedelta(days=1)
# The first that is found counts: browsers call themselves by the names of their forerunners too.
BROWSERS = {
    "edg": "Edge",
    "opr/": "Opera",
    "samsungbrowser": "Samsung Internet",
    "firefox": "Firefox",
    "fxios": "Firefox",
    "crios": "Chrome",
    "chrome": "Chrome",
    "safari": "Safari",
}
SYSTEMS = {
    "iphone": "iPhone",
    "ipad": "iPad",
    "android": "Android",
    "windows": "Windows",
    "mac os": "Mac",
    "cros": "ChromeOS",
    "linux": "Linux",
}


def device_of(user_agent: str) -> str:
    """`Firefox (Android)`; empty when nothing of it is known."""
    said = user_agent[:500].lower()
    browser, system = _first(BROWSERS, said), _first(SYSTEMS, said)
    return f"{browser} ({system})" if browser and system else browser or system


def _first(names: Mapping[str, str], said: str) -> str:
    return next((name for sign, name in names.items() if sign in said), "")


@dataclass(frozen=True, kw_only=True)
class Devices:
    """Those an account was used on, with the last time of each; none before its first sign-in."""

    account_id: str
    seen: Mapping[str, datetime] = field(default_factory=dict)
    version: int = 0

    def is_new(self, device: str, now: datetime) -> bool:
        """Never, or too long ago. The very first one is no news to anybody."""
        last = self.seen.get(device)
        return bool(self.seen) and (last is None or now - last > REMEMBERED_FOR)

    def is_worth_noting(self, device: str, now: datetime) -> bool:
        last = self.seen.get(device)
        return last is None or now - last > NOTED_AGAIN_AFTER

    def used(self, device: str, now: datetime) -> "Devices":
        """The longest unused are forgotten beyond thirty."""
        latest = sorted({**self.seen, device: now}.items(), key=lambda one: one[1], reverse=True)
        return replace(self, seen=dict(latest[:MOST_DEVICES]))
