"""A category as a family would meet it, with a household that does not exist: nothing of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.requests.domain.answers import errors_in, size_errors, without_blanks
from services.requests.domain.asked import asked_only, fields_asked
from services.requests.domain.catalogue.editing import problems_of
from services.requests.domain.catalogue.prefilling import SAMPLE, prefilled
from services.requests.domain.categories import Category, category_of_entry
from services.requests.domain.effects import turned_round
from services.requests.domain.refusals import FieldError


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`category` is None while the entry has problems. `answers`: those given over those filled in; `asked`: the fields
    shown with these; `errors`: what a family would be told on submitting them."""

    problems: list[FieldError]
    category: Category | None = None
    answers: Mapping[str, Any]
    asked: list[str]
    errors: list[FieldError]


def preview(municipality_id: str, entry: Mapping[str, Any], answers: Mapping[str, Any], today: str) -> Preview:
    if problems := problems_of(entry, municipality_id):
        return Preview(problems=problems, answers={}, asked=[], errors=[])
    category = category_of_entry(municipality_id, entry)
    if errors := size_errors(answers, "answers"):
        return Preview(problems=[], category=category, answers={}, asked=[], errors=errors)
    filled = {**prefilled(category.ui, {**SAMPLE, "today": today}), **without_blanks(answers)}
    shown = asked_only(filled, category.form)
    errors = errors_in(shown, category.form, complete=True, where="answers", wording=category.wording)
    return Preview(
        problems=[],
        category=category,
        answers=shown,
        asked=fields_asked(shown, category.form),
        errors=[*errors, *turned_round(category.effect, shown)],
    )
