"""A family corrects or completes the answers of a draft, or those the town asks for anew."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from services.requests.domain.processing.asking import revised
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.towns import Towns
from shared.clock import Clock


class Requests(Protocol):
    async def of_household(self, request_id: str, household_id: str) -> Request: ...
    async def save_answers(self, request: Request, at: datetime) -> None: ...


async def change_answers(
    request_id: str, answers: Mapping[str, Any], *, household_id: str, requests: Requests, towns: Towns, clock: Clock
) -> Request:
    """Raises `NotFound`, `AlreadyFiled`, `NotAsked`, `AnswersRefused`, `Conflict`."""
    request = await requests.of_household(request_id, household_id)
    if request.asking:
        changed = revised(request, answers)
    else:
        changed = request.answering(answers, await towns.zone(request.municipality_id))
    await requests.save_answers(changed, moment(clock))
    return changed
