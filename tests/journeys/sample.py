"""The files of the sample towns, whole where they are rules, cut to a few families where they are people."""

import csv
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import deploy.sample

FOLDER = Path(deploy.sample.__file__).parent
AURORE, DORE = "sainte-aurore", "le-val-dore"
FAMILIES = frozenset(f"F000{number}" for number in range(1, 8))
Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    """One town as its town hall would upload it, with the families a test needs."""

    id: str
    families: Collection[str] = FAMILIES

    @property
    def town(self) -> dict[str, Any]:
        return dict(self.json("town.json"))

    def content(self, name: str) -> bytes:
        return (FOLDER / self.id / name).read_bytes()

    def json(self, name: str) -> Any:
        return json.loads(self.content(name))

    def table(self, name: str) -> bytes:
        """A CSV file with the rows of the few families only."""
        return written(self.rows(name))

    def rows(self, name: str) -> list[Row]:
        rows = read(self.content(name))
        if not rows or not {"reference_famille", "reference_enfant"} & set(rows[0]):
            return rows
        children = self._children()
        return [
            row
            for row in rows
            if row.get("reference_famille", "") in self.families or row.get("reference_enfant", "") in children
        ]

    def _children(self) -> set[str]:
        rows = read(self.content("families.csv"))
        return {row["reference_enfant"] for row in rows if row["reference_famille"] in self.families}

    def email(self, reference: str) -> str:
        rows = read(self.content("families.csv"))
        return next(row["email"] for row in rows if row["reference_famille"] == reference)


def read(content: bytes) -> list[Row]:
    return list(csv.DictReader(content.decode().splitlines(), delimiter=";"))


def written(rows: Iterable[Row]) -> bytes:
    rows = list(rows)
    text = StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
