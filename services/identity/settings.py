"""Settings of identity, from the environment, read once."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`IDENTITY_…`, see also `ServiceSettings`.

    `signing_key_file`: JWK or JWK set the access tokens are signed with, created by `migrate` when missing;
    `encryption_key_file`: what secrets at rest are sealed with, created by `migrate` when missing (default:
    `encryption-keys.json` beside the signing key); `public_url`: the gateway as browsers see it, `portal_url`: the
    portal; `rp_id`: the domain passkeys are made for (default: the host of `public_url`), `origins`: the pages that
    may use them, separated by commas (default: those two addresses);
    `client_address_header`: the header in which the gateway gives the caller's address; its last entry counts;
    `code_days`: how long an activation code can be used; `session_idle_days`, `session_days`: how long a session lives
    without use, and at most; `attempts_per_email` misses in 15 minutes, `attempts_per_address` in an hour,
    `renewals_per_email` codes sent again in an hour; `hash_workers`: passwords checked at a time;
    `breached_passwords_file`: sorted `SHA1:count` lines of passwords stolen elsewhere, which are then refused;
    `rotate-keys`: a fresh key is published `key_lead_minutes` before it signs, the former one `key_keep_hours` after;
    `franceconnect_issuer`: https://…/api/v2 of FranceConnect, empty for none, with the client it knows us as;
    households nobody signs in for are told after `inactive_months`, and erased `inactive_notice_days` later;
    `keep_audit_days`, `keep_reports_days` (of erasures), `keep_closed_accounts_days`: see docs/retention.md.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="IDENTITY_")

    signing_key_file: Path
    encryption_key_file: Path | None = None
    public_url: str = "http://localhost:8080"
    portal_url: str = "http://localhost:8000"
    rp_id: str = ""
    origins: str = ""
    client_address_header: str = "X-Client-Address"
    code_days: int = Field(60, ge=1)
    session_idle_days: int = Field(7, ge=1)
    session_days: int = Field(30, ge=1)
    attempts_per_email: int = Field(10, ge=1)
    attempts_per_address: int = Field(100, ge=1)
    renewals_per_email: int = Field(3, ge=1)
    hash_workers: int = Field(1, ge=1)
    key_lead_minutes: int = Field(60, ge=5)
    key_keep_hours: int = Field(24, ge=1)
    breached_passwords_file: Path | None = None
    franceconnect_issuer: str = ""
    franceconnect_client_id: str = ""
    franceconnect_client_secret_file: Path | None = None
    inactive_months: int = Field(24, ge=1)
    inactive_notice_days: int = Field(60, ge=1)
    keep_audit_days: int = Field(365, ge=1)
    keep_reports_days: int = Field(1095, ge=1)
    keep_closed_accounts_days: int = Field(30, ge=1)

    @property
    def franceconnect_secret(self) -> str:
        """Read from its file, so that no environment shows it."""
        path = self.franceconnect_client_secret_file
        return path.read_text().strip() if path and self.franceconnect_issuer else ""

    @property
    def sealing_file(self) -> Path:
        return self.encryption_key_file or self.signing_key_file.with_name("encryption-keys.json")

    @property
    def passkey_domain(self) -> str:
        return self.rp_id or urlsplit(self.public_url).hostname or ""

    @property
    def passkey_origins(self) -> tuple[str, ...]:
        given = self.origins.split(",") if self.origins else (self.public_url, self.portal_url)
        return tuple(dict.fromkeys(origin.strip().rstrip("/") for origin in given))
