"""The door for other services."""

from collections.abc import Awaitable, Callable

from services.reservations.usecases.keep_roster import link_children, set_names
from services.reservations.usecases.set_municipality import set_municipality
from services.reservations.usecases.set_prices import set_prices
from services.reservations.usecases.settle_order import confirm_order
from shared.contracts import Event
from shared.contracts.billing import OrderPaid, PricesSet
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled, MunicipalitySet

HANDLERS: dict[type[Event], Callable[..., Awaitable[None]]] = {
    MunicipalitySet: set_municipality,
    AdhesionJoined: link_children,
    HouseholdProfiled: set_names,
    PricesSet: set_prices,
    OrderPaid: confirm_order,
}
