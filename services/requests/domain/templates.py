"""Answer templates of a town: texts agents begin with, with places that are filled in for a request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.requests.domain.refusals import field_error
from services.requests.domain.refusals_of_processing import TemplateRefused
from shared.errors import N_

Use: TypeAlias = Literal["accepted", "refused", "asked", "message"]
PLACE = re.compile(r"\{([^{}\n]{1,40})\}")
PLACES: Mapping[str, str] = {
    "child_first_name": N_("First name of the child"),
    "category": N_("Name of the category"),
    "filed_on": N_("Day the request was filed"),
    "due_on": N_("Day until which the town means to answer"),
    "town": N_("Name of the town"),
    "request_id": N_("Reference of the request"),
}
"""What stands between braces, and what it is for people. Nothing else of a request is put into a text."""
MOST_TEMPLATES = 200
LONGEST_NAME = 100
LONGEST_TEXT = 2_000


@dataclass(frozen=True, kw_only=True)
class Template:
    """`use`: what the text is for; `category_ids`: of which categories (none: of all)."""

    id: str
    municipality_id: str
    name: str
    use: Use
    text: str
    category_ids: tuple[str, ...] = ()
    version: int = 1

    def fits(self, category_id: str) -> bool:
        return not self.category_ids or category_id in self.category_ids


def checked(template: Template) -> Template:
    """Raises `TemplateRefused` for places that cannot be filled in."""
    unknown = sorted({name for name in PLACE.findall(template.text) if name not in PLACES})
    if unknown:
        message = N_("“%(name)s” is nothing that can be filled in.")
        raise TemplateRefused([field_error("body", "text", message, name=name) for name in unknown])
    return template


def filled(text: str, known: Mapping[str, str]) -> str:
    """Each place with what is known; one nobody knows here stays for the agent to write. Text put in is never a place.

    >>> filled("Bonjour {child_first_name}, {due_on}", {"child_first_name": "{town}"})
    'Bonjour {town}, {due_on}'
    """
    return PLACE.sub(lambda found: known.get(found[1]) or found[0], text)
