"""What the reservations service reads from its environment (`RESERVATIONS_…`)."""

from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`sweep_seconds`: how often unpaid orders and interrupted work are looked for."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="RESERVATIONS_")

    sweep_seconds: float = 1.0
