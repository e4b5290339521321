"""A form that is shown again: what the person typed, and what is wrong with which field.

Fields are named as the API names them (`guardians.0.first_name`), so that a problem's `errors` find their field.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from services.portal.api import code_of
from shared.errors import N_

Typed = MultiDictProxy[str]
FILL_IN = N_("Fill this in.")
# Refusals that are about one field, whose sentence says all.
ABOUT = {
    "password-too-short": "password",
    "password-too-common": "password",
    "password-personal": "password",
    "password-too-simple": "password",
    "passwords-differ": "again",
    "period-backwards": "until",
    "news-empty": "body",
}


async def typed_in(request: web.Request) -> Typed:
    """The text fields of the form that was sent."""
    sent = await request.post()
    return MultiDictProxy(MultiDict((name, value) for name, value in sent.items() if isinstance(value, str)))


@dataclass(frozen=True)
class Form:
    """`errors`: sentences by field. An empty form shows what its template starts with."""

    typed: Typed = field(default_factory=lambda: MultiDictProxy(MultiDict()))
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, otherwise: Any = "") -> str:
        return self.typed.get(name, str(otherwise))

    def ticked(self, name: str, value: str, *, otherwise: bool = False) -> bool:
        return value in self.typed.getall(name, []) if self.typed else otherwise

    def is_first_wrong(self, name: str) -> bool:
        """That field is where the person should go on."""
        return name == next((one for one in self.typed if one in self.errors), None)


def shown_again(typed: Typed, problem: dict[str, Any]) -> tuple[Form, dict[str, Any]]:
    """The form with its errors, and what is left of the problem to say above it."""
    errors = problem.get("errors") or []
    told = {error["field"]: error["message"] for error in errors}
    about = ABOUT.get(code_of(problem), "")
    if about:
        told = {about: " ".join(filter(None, (problem.get("detail"), problem.get("next"))))}
    placed = {name: _said(message, typed, name) for name, message in told.items() if name in typed}
    left = [error for error in errors if not _is_told(error["field"], placed)]
    above = {**problem, "errors": left}
    if placed:
        above.update(title="", detail="", next="")
    return Form(typed, placed), above


def _said(message: str, typed: Typed, name: str) -> str:
    """Of a field left empty nobody needs to hear how many characters it lacks."""
    return message if typed[name].strip() else FILL_IN


def _is_told(field_name: str, placed: Iterable[str]) -> bool:
    """It is said at that field, or at a part of it: a list one item of which is wrong counts as too short as well."""
    return any(name == field_name or name.startswith(f"{field_name}.") for name in placed)
