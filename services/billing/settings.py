"""What the billing service reads from its environment (`BILLING_…`)."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`gateway_url`: the public address PayFiP and the payer's browser call back, without a slash at the end.

    `portal_url`: where the browser goes on to after paying, without a slash at the end.
    `payfip_endpoint`: the SOAP address; empty for the real one. `payfip_page`: the payment page, without its query.
    `payfip_mode`: PayFiP's `saisie`: T test, X activation, W production.
    `card_page`: where card payments are made; empty for the address of the provider each office chose.
    `secrets_key`: what bank details and credentials are sealed with at rest, `name:64 hexadecimal digits`; to change it
    put a new one in front, apart by a comma, and keep the old one (`app/secrets.py`).
    `quotient_service_url`, `quotient_service_token`: API Particulier; without both no town asks it for quotients.
    `keep_invoices_years`: invoices with their papers and payments name a household so long once paid;
    `keep_sheets_years`: days charged, from the month of attendance (docs/retention.md).
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="BILLING_")

    gateway_url: str
    portal_url: str
    payfip_endpoint: str = ""
    payfip_page: str = "https://www.payfip.gouv.fr/tpa/paiementws.web"
    payfip_mode: Literal["T", "X", "W"] = "T"
    card_page: str = ""
    secrets_key: SecretStr = SecretStr("")
    quotient_service_url: str = ""
    quotient_service_token: SecretStr = SecretStr("")
    keep_invoices_years: int = Field(10, ge=1)
    keep_sheets_years: int = Field(3, ge=1)
