"""Settings of requests, read once from the environment."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`sweep_seconds`: pause between two sweeps of what is left behind; `uploads_at_once`: bodies of at most 10 MB
    received at the same time; `decoders_at_once`: files decoded at the same time, up to 500 MB each;
    `keep_requests_days`: requests with their documents after the answer (docs/retention.md)."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="REQUESTS_")
    # Where Python's HTTP library of the same name looks for certificates; set on many machines.
    foreign: ClassVar[frozenset[str]] = frozenset({"REQUESTS_CA_BUNDLE"})

    mongo_database: str = "requests"
    sweep_seconds: float = 3600
    uploads_at_once: int = 8
    decoders_at_once: int = 1
    keep_requests_days: int = Field(730, ge=1)
