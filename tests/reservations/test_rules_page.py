"""docs/rules.md tells the truth: every example is a rule, says what it says, and closes when it closes."""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest

import services.reservations
from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.deadlines import Asked, Rule
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.regulation_schema import regulation_schema
from services.reservations.domain.wording import Words, summary
from shared.i18n import Catalogues
from tests.reservations.rules_page import PAGE, Example, examples
from tests.reservations.sample_town import calendar, paris

EXAMPLES = list(examples())
SENTENCES = Catalogues(Path(services.reservations.__file__).parent)
ANY_TIME = {"id": "toujours", "shape": "calendar_days_before", "days": 0, "time": "23:59"}
DAYS = calendar(
    periods=(
        Period(kind=PeriodKind.HOLIDAY, starts=date(2026, 2, 14), ends=date(2026, 3, 1), label="Vacances d'hiver"),
    )
)


def regulation_of(example: Example) -> Regulation:
    document: dict[str, Any] = {"version": 1, "booking": [ANY_TIME], "cancelling": [ANY_TIME]}
    several = isinstance(getattr(Regulation.model_validate(document), _field(example.part)), tuple)
    return Regulation.model_validate({**document, example.part: [example.document] if several else example.document})


def _field(part: str) -> str:
    return "waiting" if part == "waiting_list" else part


def said(example: Example, language: str) -> str:
    words = Words(zone=DAYS.zone, names={"repas": "REPAS", "soir-1": "SOIR 1", "soir-2": "SOIR 2"})
    about = example.part
    found = [one for one in summary(regulation_of(example), words) if one.about.split(".")[0] == about]
    return SENTENCES.say(language, found[0].said)


def shown(instant: datetime | None) -> str:
    return f"{instant:%a %Y-%m-%d %H:%M}" if instant else ""


def limit(example: Example, day: date) -> str:
    asked = Asked.about(day, DAYS, activity="repas", starts=time(8, 30))
    rules = regulation_of(example)
    if example.part == "late":
        rules = Regulation.model_validate({**rules.model_dump(mode="json"), "booking": [{**ANY_TIME, "days": 366}]})
        late = rules.terms("book", asked).late
        return f"until {shown(late[0].span.limit)}"
    found = rules.terms("book", asked).verdict(paris(2024, 1, 1))
    if found.state == "no_window":
        return "no window"
    opens = f"from {shown(found.opens)} " if found.opens else ""
    return f"{opens}until {shown(found.limit)}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.part}-{example.document}"[:60])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_example_says_what_the_page_says(example: Example, language: str) -> None:
    assert said(example, language) == example.said[language]


@pytest.mark.parametrize(
    ("example", "day"),
    [(one, day) for one in EXAMPLES for day in one.limits],
    ids=lambda value: str(getattr(value, "document", value))[:60],
)
def test_an_example_closes_when_the_page_says(example: Example, day: date) -> None:
    assert limit(example, day) == example.limits[day]


def test_the_page_has_every_shape_and_every_part() -> None:
    shapes = {example.document.get("shape") for example in EXAMPLES if isinstance(example.document, dict)}
    known = {kind.model_fields["shape"].annotation for kind in get_args(get_args(Rule)[0])}

    assert {get_args(one)[0] for one in known} <= shapes
    assert {example.part for example in EXAMPLES} >= {"booking", "late", "weekly", "absences", "waiting_list"}


def test_every_json_block_of_the_page_is_an_example() -> None:
    assert PAGE.read_text().count("```json") == len(EXAMPLES)


def test_the_schema_in_the_docs_is_the_schema_of_the_rules() -> None:
    kept = json.loads((PAGE.parent / "regulation.schema.json").read_text())

    assert kept == regulation_schema()
