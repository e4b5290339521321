"""The public API and the mail page, as a town's people use them."""

import asyncio
import json
import re
from dataclasses import dataclass, replace
from time import time
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from deploy.sample.authenticator import code_of, step_of

JSON, CSV = "application/json", "text/csv; charset=utf-8"
PATIENCE = ClientTimeout(total=60)
# A service that has not heard of the new town yet, or is busy: it is there a moment later.
LATE = frozenset({404, 429, 503})
TRIES, PAUSE_SECONDS = 60, 0.1
MAIL_SECONDS = 30
CODE = re.compile(r"[?&](?:activationCode|code)=([A-Z0-9]{10})\b")


class LoadFailed(Exception):
    """What was asked, and what the answer said."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """Calls of one person, signed in or not."""

    http: ClientSession
    gateway_url: str
    mail_url: str
    token: str = ""

    async def enrol(self, session: Any) -> tuple["Api", str]:
        """An agent adds an authenticator app right after registering: the agent's calls, and the app's secret."""
        agent = replace(self, token=session["access_token"])
        secret = str((await agent.post("/me/totp", {}))["secret"])
        # The code before the present one is still good, and leaves the present one for whoever signs in next.
        code = code_of(secret, step_of(time()) - 1)
        enrolled = await agent.post("/me/totp/confirmation", {"code": code})
        return replace(self, token=enrolled["session"]["access_token"]), secret

    async def get(self, path: str, **query: str) -> Any:
        return await self._call("GET", path, b"", JSON, query)

    async def post(self, path: str, body: Any, **query: str) -> Any:
        return await self._call("POST", path, json.dumps(body).encode(), JSON, query)

    async def put_first(self, path: str, body: Any) -> Any:
        """Set what nobody has set yet."""
        return await self._call("PUT", path, json.dumps(body).encode(), JSON, {}, if_match='"0"')

    async def upload(self, path: str, content: bytes, content_type: str, **query: str) -> Any:
        """The report. An import that refuses a line of the sample fails as a whole."""
        report = await self._call("POST", path, content, content_type, query)
        if isinstance(report, dict) and report.get("refused"):
            raise LoadFailed(f"{path} refused {report['refused'][:3]}")
        return report

    async def code_mailed_to(self, email: str) -> str:
        """The activation code of the newest mail to this address, out of its link."""
        query = {"to": email, "wait": str(MAIL_SECONDS)}
        async with self.http.get(f"{self.mail_url}/api/messages", params=query, timeout=PATIENCE) as answer:
            messages = (await answer.json())["messages"]
        found = [match for message in messages if (match := CODE.search(message["text"]))]
        if not found:
            raise LoadFailed(f"no activation code in the {len(messages)} mails received")
        return found[0].group(1)

    async def _call(
        self, method: str, path: str, body: bytes, content_type: str, query: dict[str, str], *, if_match: str = ""
    ) -> Any:
        for attempt in range(TRIES):
            status, text, late = await self._send(method, path, body, content_type, query, if_match)
            if status < 300:
                return json.loads(text) if text else None
            if not late or attempt == TRIES - 1:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        raise LoadFailed(f"{method} {path} answered {status}: {text[:500]}")

    async def _send(
        self, method: str, path: str, body: bytes, content_type: str, query: dict[str, str], if_match: str
    ) -> tuple[int, str, bool]:
        headers = {"Content-Type": content_type} if body else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if if_match:
            headers["If-Match"] = if_match
        url = f"{self.gateway_url}/api/v1{path}"
        async with self.http.request(
            method, url, data=body or None, params=query, headers=headers, timeout=PATIENCE
        ) as answer:
            late = answer.status in LATE or "Retry-After" in answer.headers
            return answer.status, await answer.text(), late
