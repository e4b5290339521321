"""What the notifications service reads from its environment (`NOTIFICATIONS_…`)."""

from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`smtp_*`: the mail server; `smtp_security` `auto` takes STARTTLS when the server offers it, `tls` speaks TLS from
    the first byte. `sender`: the From address, with or without a name (`Préau <ne-pas-repondre@preau.example>`).
    `portal_url`: where the links in mails lead, without a slash at the end.
    `keep_messages_days`: messages in a family's space; `keep_mails_days`: the trail of a mail that was sent or refused;
    `keep_news_days`: news items (docs/retention.md).
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="NOTIFICATIONS_")

    smtp_host: str
    smtp_port: int
    smtp_username: str = ""
    smtp_password: str = ""
    smtp_security: Literal["auto", "starttls", "tls"] = "auto"
    sender: str
    portal_url: str
    keep_messages_days: int = Field(730, ge=1)
    keep_mails_days: int = Field(365, ge=1)
    keep_news_days: int = Field(1095, ge=1)
