"""What the notifications service reads from its environment (`NOTIFICATIONS_…`)."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifications.domain.devices import PUSH_HOSTS
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`smtp_*`: the mail server; `smtp_security` `auto` takes STARTTLS when the server offers it, `tls` speaks TLS from
    the first byte. `sender`: the From address, with or without a name (`Préau <ne-pas-repondre@preau.example>`).
    `portal_url`: where the links in mails lead, without a slash at the end.
    `public_url`: the gateway's address, for links that end mails of a topic with one click (with `signing_key`).
    `vapid_private_key`: 32 bytes in base64url that push services know this installation by, empty for no notifications
    on devices; `vapid_subject`: `mailto:` or https address of its operators; `push_hosts`: push services that may be
    posted to, `*.name` for every name under one; `push_private`: plain http and this machine too, for tests and the
    sandbox only. `sms_gateway`: `none`, or `log`, which sends nothing and notes that it would have.
    `bounce_address`: the mailbox whose `+` addresses mails come back to (with `signing_key`), empty for none;
    `bounce_secret`: what its mail server says when it hands them over, 32 characters or more.
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
    public_url: str = ""
    signing_key: SecretStr = SecretStr("")
    vapid_private_key: SecretStr = SecretStr("")
    vapid_subject: str = ""
    push_hosts: str = ",".join(PUSH_HOSTS)
    push_private: bool = False
    bounce_address: str = ""
    bounce_secret: SecretStr = SecretStr("")
    sms_gateway: Literal["none", "log"] = "none"
    keep_messages_days: int = Field(730, ge=1)
    keep_mails_days: int = Field(365, ge=1)
    keep_news_days: int = Field(1095, ge=1)
