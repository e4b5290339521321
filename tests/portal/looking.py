"""One look at a page: axe in light and dark on the narrowest and the widest screen, no sideways scrolling, pictures.

Pictures are under build/screenshots, one per width; nothing compares them, people look at them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import CDPSession

from tests.portal.visiting import Visitor

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
PICTURES = Path("build/screenshots")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
RUN = "axe.run(document, %s).then(found => JSON.stringify(found.violations))"
OPTIONS = {"runOnly": TAGS, "resultTypes": ["violations"], "preload": False}
NARROW, PHONE, TABLET, WIDE = (320, 640), (375, 812), (768, 1024), (1440, 900)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass
class Looker:
    """Somebody who visits with scripts on, for axe alone: the policy of the pages stays as strict as it is."""

    visitor: Visitor
    tools: CDPSession

    @classmethod
    async def beside(cls, visitor: Visitor) -> "Looker":
        return cls(visitor, await visitor.context.new_cdp_session(visitor.page))

    async def look(self, name: str) -> list[str]:
        """What is wrong with the page as it is now."""
        await self._evaluate(f"{AXE};0")
        wrong = await self._found_by_axe(NARROW)
        sideways = await self._evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sideways > 0:
            wrong.append(f"{sideways} px too wide at {NARROW[0]} px")
        for size in (PHONE, TABLET, WIDE):
            await self._resize(size)
            await self._picture(name, size[0])
        return wrong + await self._found_by_axe(WIDE)

    async def _found_by_axe(self, size: tuple[int, int]) -> list[str]:
        await self._resize(size)
        # As if scrolled to each place: what sticks to the lower edge would else hide half of what is under it.
        await self._resize((size[0], await self._evaluate("document.documentElement.scrollHeight")))
        wrong: list[str] = []
        for scheme in reversed(SCHEMES):
            await self.visitor.page.emulate_media(color_scheme=scheme)
            found = json.loads(await self._evaluate(RUN % json.dumps(OPTIONS)))
            wrong += [f"{_told(one)} at {size[0]} px, {scheme}" for one in found]
        return wrong

    async def _resize(self, size: tuple[int, int]) -> None:
        await self.visitor.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def _picture(self, name: str, width: int) -> None:
        await self.visitor.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)

    async def _evaluate(self, expression: str) -> Any:
        """By the browser's own tools, which no policy of a page stops."""
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = await self.tools.send("Runtime.evaluate", asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")


def _told(found: dict[str, Any]) -> str:
    return f"{found['id']} ({found['help']}): {[node['html'] for node in found['nodes']][:3]}"
