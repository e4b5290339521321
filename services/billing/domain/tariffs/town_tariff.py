"""A town's tariff: who collects what, and its price grids."""

from dataclasses import dataclass
from functools import cached_property

from services.billing.domain.tariffs.grids import Grid
from services.billing.domain.tariffs.situations import BOOKING, Charge


@dataclass(frozen=True, kw_only=True)
class CashOffice:
    """Who collects the money of some programmes (régie). `payfip_client`: None where nothing is paid online."""

    id: str
    name: str
    payfip_client: str | None
    structure_id: str
    programmes: tuple[str, ...]
    payment_days: int


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """Everything a town publishes about prices, whole. `spread`: every family's prices were looked at since."""

    id: str
    """The municipality's."""
    cash_offices: tuple[CashOffice, ...] = ()
    grids: tuple[Grid, ...] = ()
    spread: bool = True
    version: int = 0

    def office(self, cash_office_id: str) -> CashOffice | None:
        return next((office for office in self.cash_offices if office.id == cash_office_id), None)

    def office_of(self, programme_id: str) -> CashOffice | None:
        """The cash office that collects a programme."""
        return next((office for office in self.cash_offices if programme_id in office.programmes), None)

    def activities(self) -> tuple[str, ...]:
        """Every activity that has a price, sorted."""
        return tuple(sorted(activity for activity, charge in self._by_activity if charge == BOOKING))

    def grids_of(self, activity_id: str, charge: Charge) -> tuple[Grid, ...]:
        """Every version of every grid that prices that charge of the activity."""
        return self._by_activity.get((activity_id, charge), ())

    @cached_property
    def asks_children(self) -> bool:
        """Whether some price depends on the child: its rank, its age, its enrolment, how long it stayed."""
        return any(grid.asks_child for grid in self.grids)

    @cached_property
    def asks_quotient(self) -> bool:
        """Whether some price depends on the family's quotient."""
        return any(grid.asks_quotient for grid in self.grids)

    @cached_property
    def _by_activity(self) -> dict[tuple[str, Charge], tuple[Grid, ...]]:
        found: dict[tuple[str, Charge], tuple[Grid, ...]] = {}
        for grid in self.grids:
            for activity in grid.activities:
                found[activity, grid.charge] = (*found.get((activity, grid.charge), ()), grid)
        return found
