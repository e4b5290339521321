"""What the gateway reads from its environment (`GATEWAY_…`)."""

from pydantic_settings import SettingsConfigDict

from shared.settings import HttpSettings


class Settings(HttpSettings):
    """`*_url`: where each service answers. `public_url`: this gateway as clients see it.

    `cors_origins`: comma-separated origins of web front ends on other hosts. `trusted_peers`: comma-separated
    addresses or networks of proxies (an ingress, the portal) whose X-Forwarded-For is believed. Rates are requests
    per minute, of an account when signed in, of an address otherwise; `body_limit_mb` bounds any request body.

    `amqp_url`: a broker user who may read `preau.log` and nothing else; empty: no live stream. `stream_minutes` and
    `stream_events` bound what is remembered for readers that come back, `streams` and `account_streams` how many are
    open at once in this process and of one account in it.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="GATEWAY_")

    identity_url: str
    reservations_url: str
    billing_url: str
    notifications_url: str
    requests_url: str
    partners_url: str
    public_url: str = "http://127.0.0.1:8080"
    cors_origins: str = ""
    trusted_peers: str = ""
    account_rate: int = 1_200
    address_rate: int = 600
    body_limit_mb: int = 24
    amqp_url: str = ""
    stream_minutes: int = 15
    stream_events: int = 20_000
    stream_heartbeat_seconds: float = 15
    streams: int = 6_000
    account_streams: int = 8

    @property
    def upstreams(self) -> dict[str, str]:
        """Base address by service name."""
        return {
            "identity": self.identity_url,
            "reservations": self.reservations_url,
            "billing": self.billing_url,
            "notifications": self.notifications_url,
            "requests": self.requests_url,
            "partners": self.partners_url,
        }
