"""The joined OpenAPI document tells the truth: its edge cases are sent, and no answer is other than described."""

import asyncio
import re
import sys
from pathlib import Path

from tests.security.calls import ROUTES
from tests.security.world import World

PROGRAM = Path(sys.executable).parent / "schemathesis"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


def closed_to_parents() -> list[str]:
    """Operations whose body a parent's call is refused before anybody reads it; `test_bad_input` spoils them."""
    return [
        f"--exclude-operation-id={service}_{route.handler.__name__}"
        for service, route in ROUTES.values()
        if route.who.roles and not route.who.guardian and (route.body or route.takes)
    ]


# Answers for as long as its token holds; tests/gateway reads it.
STREAM = "gateway_stream"


async def test_every_answer_is_one_the_document_describes(world: World) -> None:
    """As a parent; what agents may do is refused to them, and that is described too."""
    token = await world.owner.access_token()
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "run",
        f"{world.preau.urls['gateway']}/api/v1/openapi.json",
        "--phases=coverage",
        "--generation-deterministic",
        *closed_to_parents(),
        f"--exclude-operation-id={STREAM}",
        f"--checks={','.join(CHECKS)}",
        f"--header=Authorization: Bearer {token}",
        "--no-color",
        cwd=world.preau.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )

    output = (await process.communicate())[0].decode()

    assert process.returncode == 0, output[-20_000:]
    tested = re.search(r"Tested: (\d+)", output)
    assert tested
    assert int(tested[1]) >= 60
