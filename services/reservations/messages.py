"""The door for other services."""

from collections.abc import Awaitable, Callable

from services.reservations.usecases.hear_requests import hear_answer
from services.reservations.usecases.keep_custody import keep_custody
from services.reservations.usecases.keep_orders import prolong_hold, shorten_hold
from services.reservations.usecases.keep_roster import end_adhesion, link_children, set_names
from services.reservations.usecases.set_municipality import set_municipality
from services.reservations.usecases.set_prices import set_prices
from services.reservations.usecases.settle_erased import settle_paid_order
from shared import former_households, privacy
from shared.contracts import Event
from shared.contracts.billing import OrderPaid, PaymentFailed, PaymentStarted, PricesSet
from shared.contracts.households import CustodyPlanned
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, HouseholdProfiled, MunicipalitySet
from shared.contracts.requests import RequestAnswered

HANDLERS: dict[type[Event], Callable[..., Awaitable[None]]] = {
    MunicipalitySet: set_municipality,
    AdhesionJoined: link_children,
    AdhesionEnded: end_adhesion,
    HouseholdProfiled: set_names,
    CustodyPlanned: keep_custody,
    PricesSet: set_prices,
    OrderPaid: settle_paid_order,
    RequestAnswered: hear_answer,
    PaymentStarted: prolong_hold,
    PaymentFailed: shorten_hold,
    **former_households.HANDLERS,
    **privacy.HANDLERS,
}
