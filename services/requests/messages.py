"""The door for other services."""

from collections.abc import Callable
from typing import Any

from services.requests.usecases.keep_copies import keep_household, keep_town
from services.requests.usecases.open_contestation import open_contestation
from shared import former_households, privacy
from shared.contracts import Event
from shared.contracts.billing_papers import ContestationWritten
from shared.contracts.identity import HouseholdProfiled, MunicipalitySet

HANDLERS: dict[type[Event], Callable[..., Any]] = {
    MunicipalitySet: keep_town,
    HouseholdProfiled: keep_household,
    ContestationWritten: open_contestation,
    **former_households.HANDLERS,
    **privacy.HANDLERS,
}
