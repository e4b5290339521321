"""From a letter to its two pages, text and HTML, in the reader's language and the town's colours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import css_inline
import jinja2
from markupsafe import Markup, escape

from services.notifications.domain.branding import Logo, look_of
from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say, speak
from shared.i18n import Catalogues


@dataclass(frozen=True, kw_only=True)
class Pages:
    """A mail before it has headers. `html` names nothing outside itself but the one link of the letter."""

    subject: str
    text: str
    html: str


class Typesetter:
    """Sets letters from the templates `letter.txt`, `letter.html` and `letter.css`."""

    def __init__(self, templates: jinja2.BaseLoader, catalogues: Catalogues) -> None:
        self._templates = jinja2.Environment(
            loader=templates,
            autoescape=jinja2.select_autoescape(("html",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            # Read once: asking the file system for every mail costs more than setting it.
            auto_reload=False,
        )
        self._templates.filters |= {"paragraphs": paragraphs, "broken": broken}
        self._catalogues = catalogues
        # What mail programs do not take from a style sheet is written onto each element; what only some of them
        # know (a narrow or dark screen) stays in one.
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    @property
    def catalogues(self) -> Catalogues:
        return self._catalogues

    def set(
        self, letter: Letter, desk: Desk, *, logo: Logo | None = None, logo_address: str = "", unsubscribe: str = ""
    ) -> Pages:
        """`logo_address`: where the HTML finds the logo; `unsubscribe`: the link that ends such messages."""
        say: Callable[[Say], str] = partial(speak, catalogues=self._catalogues, language=desk.recipient.language)
        parts: dict[str, Any] = {
            "letter": letter,
            "town": desk.town,
            "recipient": desk.recipient,
            "subject": say(letter.subject),
            "say": say,
            "_": lambda msgid, **facts: say(Say(msgid, facts)),
            "unsubscribe": unsubscribe,
        }
        look = {"look": look_of(desk.town), "logo": logo, "logo_address": logo_address}
        inlined = self._inliner.inline(self._render("letter.html", {**parts, **look}))
        # As it was written: whoever searches a mail for an amount types no entity.
        html = inlined.replace("&nbsp;", "\u00a0")
        return Pages(subject=parts["subject"], text=self._render("letter.txt", parts), html=html)

    def _render(self, template: str, parts: Mapping[str, Any]) -> str:
        return self._templates.get_template(template).render(parts)


def paragraphs(text: str) -> list[str]:
    """An empty line ends one."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return [block for block in (one.strip() for one in blocks) if block]


def broken(text: str) -> Markup:
    """Text for HTML that keeps its line ends: not every mail program obeys a style that would."""
    return Markup("<br>\n").join(escape(line) for line in text.replace("\r\n", "\n").split("\n"))
