"""What the notifications service reads from its environment (`NOTIFICATIONS_…`)."""

from typing import Literal

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`smtp_*`: the mail server; `smtp_security` `auto` takes STARTTLS when the server offers it, `tls` speaks TLS from
    the first byte. `sender`: the From address, with or without a name (`Préau <ne-pas-repondre@preau.example>`).
    `portal_url`: where the links in mails lead, without a slash at the end.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="NOTIFICATIONS_")

    smtp_host: str
    smtp_port: int
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_security: Literal["auto", "starttls", "tls"] = "auto"
    sender: str
    portal_url: str
