"""docs/attendance.md shows bodies that are taken, and names every rule an agent can set aside."""

import json
import re
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter

from services.reservations.domain.deadlines import Rule
from services.reservations.domain.on_behalf import Waiver
from services.reservations.http.attendance import NewMarks

PAGE = Path("docs/attendance.md").read_text()
MARKS, KITCHEN = (json.loads(found) for found in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_the_marks_shown_are_taken() -> None:
    marks = NewMarks.model_validate_json(json.dumps(MARKS))

    assert [one.outcome for one in marks.marks] == ["present"]


def test_the_kitchens_hour_shown_is_a_rule() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(Rule)

    assert adapter.validate_python(KITCHEN["headcount_freeze"]).activities == {"repas"}


def test_every_rule_that_can_be_set_aside_is_named_and_no_other() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(get_args(Waiver))
