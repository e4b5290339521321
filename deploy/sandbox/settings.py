"""Settings of the sandbox, read once from the environment."""

import os
from typing import Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import UnknownSetting


class Settings(BaseSettings):
    """Where the stand-ins listen. Nobody logs in: keep `host` on the loopback. Port 0 takes any free port."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_", frozen=True)

    host: str = "127.0.0.1"
    mail_port: int = 8025
    smtp_port: int = 8026
    payment_port: int = 8090
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _refuse_unknown(self) -> Self:
        known = {f"SANDBOX_{name}".upper() for name in type(self).model_fields}
        unknown = sorted(key for key in os.environ if key.startswith("SANDBOX_") and key not in known)
        if unknown:
            raise UnknownSetting(f"no setting reads {', '.join(unknown)}")
        return self
