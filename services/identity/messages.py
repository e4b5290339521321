"""The door for services: what identity hears, and the use case each fact starts."""

from collections.abc import Callable
from typing import Any

from services.identity.usecases.erasures import note_erased
from services.identity.usecases.exports import gather_piece
from services.identity.usecases.hear_pickup import hear_pickup
from services.identity.usecases.keep_trail import keep_in_trail
from shared import privacy
from shared.contracts import Event
from shared.contracts.audit import AgentActed
from shared.contracts.privacy import ErasurePartDone, ExportPartGiven
from shared.contracts.requests_effects import PickupDecided

HANDLERS: dict[type[Event], Callable[..., Any]] = {
    AgentActed: keep_in_trail,
    ExportPartGiven: gather_piece,
    ErasurePartDone: note_erased,
    PickupDecided: hear_pickup,
    **privacy.HANDLERS,
}
