"""Reads docs/rules.md: each example of a rule, what it says in both languages, and the limits it names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLE = re.compile(r"```json (?P<part>[a-z_]+)\n(?P<json>.*?)```\n\n(?P<lines>(?:- [^\n]*\n)+)", re.DOTALL)
SAID = re.compile(r"- (?P<language>fr|en): (?P<sentence>.+)")
LIMIT = re.compile(r"- (?P<day>\d{4}-\d\d-\d\d): (?P<said>.+)")


@dataclass(frozen=True, kw_only=True)
class Example:
    """`part`: which part of a regulation the JSON is; `limits`: what the page says of some days."""

    part: str
    document: Any
    said: dict[str, str]
    limits: dict[date, str]


def examples() -> Iterator[Example]:
    for found in EXAMPLE.finditer(PAGE.read_text()):
        lines = found["lines"]
        yield Example(
            part=found["part"],
            document=json.loads(found["json"]),
            said={one["language"]: one["sentence"] for one in SAID.finditer(lines)},
            limits={date.fromisoformat(one["day"]): one["said"] for one in LIMIT.finditer(lines)},
        )
