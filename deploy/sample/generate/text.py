"""Text as the files hold it: UTF-8, Unix line ends, `;` between columns, dates as people write them in France."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

Row = dict[str, str]


def as_csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def french(day: date) -> str:
    return f"{day:%d/%m/%Y}"
