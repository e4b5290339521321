"""Settings of requests, read once from the environment."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`sweep_seconds`: pause between two sweeps of what is left behind; `uploads_at_once`: bodies received
    at the same time; `decoders_at_once`: files decoded at the same time, up to 500 MB each;
    `remind_family_after_days`: days after which a family that was asked for something is reminded, once each;
    `keep_requests_days`: requests with their documents after the answer, `keep_verified_days`: verified documents after
    they stopped being valid (docs/retention.md).

    Files (docs/attachments.md): `file_mb`: the largest; `files_key`: what they are sealed with at rest,
    `name:64 hexadecimal digits`, several apart by commas, the newest first; `spool_folder`: where they wait while they
    are checked, the system's place for temporary files when empty; `clamd_host`, `clamd_port`: the antivirus, none when
    empty, asked every `scan_seconds` what it could not look at; `s3_…`: the bucket new files go to, GridFS without.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="REQUESTS_")
    # Where Python's HTTP library of the same name looks for certificates; set on many machines.
    foreign: ClassVar[frozenset[str]] = frozenset({"REQUESTS_CA_BUNDLE"})

    mongo_database: str = "requests"
    sweep_seconds: float = 3600
    uploads_at_once: int = 8
    decoders_at_once: int = 1
    remind_family_after_days: tuple[int, ...] = (7, 21)
    keep_requests_days: int = Field(730, ge=1)
    keep_verified_days: int = Field(365, ge=1)
    file_mb: int = Field(20, ge=1, le=100)
    files_key: SecretStr = SecretStr("")
    spool_folder: str = ""
    clamd_host: str = ""
    clamd_port: int = 3310
    scan_seconds: float = 5
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
