"""A family gives a draft up: it goes with its documents."""

from typing import Protocol

from services.requests.domain.requests import Request
from services.requests.usecases.towns import Towns


class Requests(Protocol):
    async def of_household(self, request_id: str, household_id: str) -> Request: ...
    async def remove_draft(self, request: Request) -> None: ...


class Files(Protocol):
    async def drop_request(self, request_id: str, household_id: str) -> None: ...


class Quotas(Protocol):
    async def release_request(self, request_id: str, household_id: str) -> None: ...


async def drop_draft(
    request_id: str, *, household_id: str, requests: Requests, files: Files, quotas: Quotas, towns: Towns
) -> None:
    """Raises `NotFound`, `AlreadyFiled`, `Conflict`."""
    request = await requests.of_household(request_id, household_id)
    request.check_draft(await towns.zone(request.municipality_id))
    await remove_with_files(request, requests=requests, files=files, quotas=quotas)


async def remove_with_files(request: Request, *, requests: Requests, files: Files, quotas: Quotas) -> None:
    """The draft first: a file nobody refers to is swept, a draft that lost its files would be a riddle."""
    await requests.remove_draft(request)
    await files.drop_request(request.id, request.household_id)
    await quotas.release_request(request.id, request.household_id)
