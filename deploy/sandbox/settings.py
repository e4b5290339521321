"""Settings of the sandbox, read once from the environment."""

import os
from typing import Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import UnknownSetting


class Settings(BaseSettings):
    """Where the stand-ins listen. Nobody logs in: keep `host` on the loopback. Port 0 takes any free port.

    `bounces_url`: where reports of mail that cannot be delivered go (none: nowhere), and what is said there.
    `sister_…`: the site that signs families in with Préau at `sister_issuer` (none: the site is not there), which it
    reaches at `sister_inside`.
    `card_key`: what every shop here signs card payments with.
    `franceconnect_…`: what the site is known by there; without addresses any of this machine is accepted.
    """

    model_config = SettingsConfigDict(env_prefix="SANDBOX_", frozen=True)

    host: str = "127.0.0.1"
    mail_port: int = 8025
    smtp_port: int = 8026
    bounces_url: str = ""
    bounce_secret: str = ""
    payment_port: int = 8090
    card_key: str = "preau-sandbox-card-key"
    sister_port: int = 8091
    sister_public_url: str = ""
    sister_issuer: str = ""
    sister_inside: str = ""
    sister_client_id: str = "sister"
    sister_client_secret: str = ""
    franceconnect_port: int = 8092
    franceconnect_client_id: str = "preau"
    franceconnect_client_secret: str = "preau-sandbox"
    franceconnect_public_url: str = ""
    franceconnect_callback: str = ""
    franceconnect_signed_out: str = ""
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _refuse_unknown(self) -> Self:
        known = {f"SANDBOX_{name}".upper() for name in type(self).model_fields}
        unknown = sorted(key for key in os.environ if key.startswith("SANDBOX_") and key not in known)
        if unknown:
            raise UnknownSetting(f"no setting reads {', '.join(unknown)}")
        return self
