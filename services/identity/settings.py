"""Settings of identity, from the environment, read once."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`IDENTITY_…`, see also `ServiceSettings`.

    `signing_key_file`: JWK or JWK set the access tokens are signed with, created by `migrate` when missing;
    `client_address_header`: the header in which the gateway gives the caller's address; its last entry counts;
    `code_days`: how long an activation code can be used; `session_idle_days`, `session_days`: how long a session lives
    without use, and at most; `attempts_per_email` misses in 15 minutes, `attempts_per_address` in an hour,
    `renewals_per_email` codes sent again in an hour; `hash_workers`: passwords checked at a time.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="IDENTITY_")

    signing_key_file: Path
    client_address_header: str = "X-Client-Address"
    code_days: int = Field(60, ge=1)
    session_idle_days: int = Field(7, ge=1)
    session_days: int = Field(30, ge=1)
    attempts_per_email: int = Field(10, ge=1)
    attempts_per_address: int = Field(100, ge=1)
    renewals_per_email: int = Field(3, ge=1)
    hash_workers: int = Field(2, ge=1)
