"""How often something may be tried and missed: a steady allowance that refills, so that nobody is shut out for good."""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `count` misses at once, refilled evenly over `period`."""

    count: int
    period: timedelta

    @property
    def interval(self) -> timedelta:
        return self.period / self.count

    @property
    def tolerance(self) -> timedelta:
        return self.interval * (self.count - 1)

    def room(self, full_at: datetime, now: datetime) -> int:
        """How many more misses there may be, for an allowance that is full again at `full_at`."""
        return max(0, (self.tolerance - max(full_at - now, timedelta())) // self.interval + 1)

    def wait(self, full_at: datetime, now: datetime) -> int:
        """Whole seconds until there is room for one."""
        return max(1, math.ceil((full_at - self.tolerance - now).total_seconds()))


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One allowance: what is tried, by or on whom."""

    purpose: str
    who: str
    limit: Limit

    @property
    def id(self) -> str:
        """Whose allowance it is cannot be read from the id."""
        return f"{self.purpose}:{hashlib.sha256(self.who.encode()).hexdigest()}"


def network(address: str) -> str:
    """The allowance of an address: IPv4 as it is, IPv6 by its /64, which one subscriber owns whole."""
    try:
        parsed = ipaddress.ip_address(address.strip())
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
