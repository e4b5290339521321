"""What is kept of a webhook beside its subscription: the secrets it is signed with, and how it does."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.partners.domain.webhooks.health import Leave, Pulse
from services.partners.domain.webhooks.signatures import Secret, live, rotated, without


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`id`: the subscription's. `left_because`: why it is not sent to until the subscription is resumed."""

    id: str
    municipality_id: str
    secrets: tuple[Secret, ...]
    left_because: Leave | None = None
    pulse: Pulse = field(default_factory=Pulse)
    version: int = 0

    def signing(self, now: datetime) -> tuple[Secret, ...]:
        """The newest first."""
        return live(self.secrets, now)

    def with_secret(self, fresh: Secret, overlap: timedelta) -> "Endpoint":
        """Raises `TooManySecrets`."""
        return replace(self, secrets=rotated(self.secrets, fresh, overlap))

    def without_secret(self, secret_id: str, now: datetime) -> "Endpoint":
        """Raises `NotFound`, `LastSecret`."""
        return replace(self, secrets=without(self.secrets, secret_id, now))
