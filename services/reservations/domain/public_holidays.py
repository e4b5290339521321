"""Public holidays by law, as every service has them; school holidays are the town's own data (see `calendar`)."""

from shared.public_holidays import SETS, YEARS, public_holidays

__all__ = ["SETS", "YEARS", "public_holidays"]
