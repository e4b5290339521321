"""What the reservations service reads from its environment (`RESERVATIONS_…`)."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`sweep_seconds`: how often unpaid orders and interrupted work are looked for; `keep_carts_days` after the last
    change, `keep_attendance_years` after the month: how long they are kept (docs/retention.md).
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="RESERVATIONS_")

    sweep_seconds: float = 1.0
    keep_carts_days: int = Field(30, ge=1)
    keep_attendance_years: int = Field(3, ge=1)
