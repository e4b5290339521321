"""The door for services: which event does what. All the others are read from the stream (`app/reading.py`)."""

from collections.abc import Callable, Mapping
from typing import Any

from services.partners.usecases.keep_partners import keep_partner
from shared.contracts import Event
from shared.contracts.identity import PartnerSet

HANDLERS: Mapping[type[Event], Callable[..., Any]] = {PartnerSet: keep_partner}
