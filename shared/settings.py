"""Settings every service has; each service adds its own in its `settings.py`. Read once, from the environment."""

import os
from typing import ClassVar, Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnknownSetting(ValueError):
    """A variable with the service's prefix that no setting reads: most likely a typing error."""


class HttpSettings(BaseSettings):
    """Settings of every process that answers HTTP.

    `jwks_url`: where the public keys of access tokens are; `issuer`: the `iss` they must carry;
    `otlp_endpoint`: where traces go, empty for none; `uvloop`: the faster event loop for HTTP.
    """

    model_config = SettingsConfigDict(frozen=True)
    foreign: ClassVar[frozenset[str]] = frozenset()
    """Variables that happen to begin with the prefix but belong to somebody else's library."""

    http_host: str = "127.0.0.1"
    http_port: int
    jwks_url: str
    issuer: str = "preau"
    log_level: str = "INFO"
    otlp_endpoint: str = ""
    uvloop: bool = True

    @model_validator(mode="after")
    def _refuse_unknown(self) -> Self:
        prefix = self.model_config.get("env_prefix", "")
        known = {f"{prefix}{name}".upper() for name in type(self).model_fields} | self.foreign
        unknown = sorted(key for key in os.environ if prefix and key.startswith(prefix) and key not in known)
        if unknown:
            raise UnknownSetting(f"no setting reads {', '.join(unknown)}")
        return self


class ServiceSettings(HttpSettings):
    """Settings of a service with a database and a broker.

    `amqp_admin_url`: a user who may declare queues, only read by `migrate`.
    """

    mongo_url: str
    mongo_database: str
    amqp_url: str
    amqp_admin_url: str = ""
