"""The door for services: identity listens to nobody."""

from collections.abc import Callable
from typing import Any

from shared.contracts import Event

HANDLERS: dict[type[Event], Callable[..., Any]] = {}
