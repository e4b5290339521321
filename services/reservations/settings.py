"""What the reservations service reads from its environment (`RESERVATIONS_…`)."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`sweep_seconds`: how often unpaid orders and interrupted work are looked for; `keep_carts_days` after the last
    change, `keep_attendance_years` after the month: how long they are kept (docs/retention.md). `public_url`: the
    gateway's address as families' devices reach it, for the links of calendar programs. `guard_hours`: how long before
    a cut-off families are told that a usual week is not booked, 0 for never; `guard_seconds`: how often that is looked
    at.
    """

    model_config = SettingsConfigDict(frozen=True, env_prefix="RESERVATIONS_")

    public_url: str = ""
    guard_hours: int = Field(18, ge=0, le=168)
    guard_seconds: float = Field(60.0, gt=0)
    kitchen_seconds: float = Field(60.0, gt=0)
    """How often meal orders that are due, and heads that changed since, are looked for."""
    sweep_seconds: float = 1.0
    keep_carts_days: int = Field(30, ge=1)
    keep_attendance_years: int = Field(3, ge=1)
