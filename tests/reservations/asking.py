"""How the http tests ask, and what they read of a refusal."""

from typing import Any, TypeAlias

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

Http: TypeAlias = TestClient[Any, Any]


def keyed(headers: dict[str, str], key: str = "one-key-only") -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


async def refusal(response: ClientResponse) -> tuple[int, str]:
    """Status and problem type."""
    assert response.content_type == "application/problem+json", await response.text()
    return response.status, (await response.json())["type"].removeprefix("/problems/")
