"""What a town's prices are: cash offices, grids with their formulas and conditions, and who pays which of them."""

from services.billing.domain.tariffs.audiences import Audience
from services.billing.domain.tariffs.formulas import Bracket, Effort, Precision
from services.billing.domain.tariffs.grids import Grid, turning_days
from services.billing.domain.tariffs.modifiers import Modifier
from services.billing.domain.tariffs.situations import Charge, Facts, Situation
from services.billing.domain.tariffs.town_tariff import CashOffice, Tariff
from services.billing.domain.tariffs.units import Unit

__all__ = [
    "Audience",
    "Bracket",
    "CashOffice",
    "Charge",
    "Effort",
    "Facts",
    "Grid",
    "Modifier",
    "Precision",
    "Situation",
    "Tariff",
    "Unit",
    "turning_days",
]
