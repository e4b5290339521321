"""What the portal reads from its environment (`PORTAL_…`)."""

from pydantic_settings import SettingsConfigDict

from shared.settings import HttpSettings


class Settings(HttpSettings):
    """`gateway_url`: the public API. `mongo_*`: where sessions are kept, and only they.

    `public_url`: this portal as browsers see it; with https its cookie gets the `__Host-` prefix and Secure.
    `trusted_hops`: proxies in front that append to X-Forwarded-For.
    `payment_origins`: space-separated origins a payment form may lead to.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="PORTAL_")

    gateway_url: str
    mongo_url: str
    mongo_database: str = "portal"
    public_url: str = "http://127.0.0.1:8000"
    trusted_hops: int = 0
    payment_origins: str = "https://www.payfip.gouv.fr"

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")
