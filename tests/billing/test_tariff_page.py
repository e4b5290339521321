"""docs/tariffs.md: every grid on it may be published, and the schema beside it is that of the file."""

import json
from pathlib import Path

from services.billing.domain.tariffs import Tariff
from services.billing.domain.tariffs.grid_faults import faults_of_grid
from services.billing.domain.tariffs.publication import publish
from services.billing.http.tariffs.grid_file import GridFile
from services.billing.http.tariffs.tariff_file import TariffFile, tariff_schema
from tests.billing.samples import NOW, TOWN_ID

PAGE = Path("docs/tariffs.md")
EXAMPLES = [json.loads(block.split("```", 1)[0]) for block in PAGE.read_text().split("```json")[1:]]


def test_every_grid_of_the_page_is_one() -> None:
    grids = [GridFile.model_validate_json(json.dumps(example)).rule(TOWN_ID) for example in EXAMPLES]

    assert len(grids) == 6
    assert {grid.formula for grid in grids} == {"brackets", "effort", "fixed"}
    assert [fault for grid in grids for fault in faults_of_grid(grid, grid.id)] == []


def test_the_schema_in_the_docs_is_that_of_the_file() -> None:
    assert json.loads(Path("docs/tariff.schema.json").read_text()) == json.loads(json.dumps(tariff_schema()))


def test_the_sample_towns_may_be_published() -> None:
    for town in ("sainte-aurore", "le-val-dore"):
        file = TariffFile.model_validate_json(Path(f"deploy/sample/{town}/tariffs.json").read_text())
        grids = [grid.rule(town) for grid in file.grids]
        activities = {name for grid in grids for name in grid.activities}

        done = publish(Tariff(id=town), (), grids, programmes=set(), activities=activities, today=NOW.date())

        assert set(done.grids) == {"created"}
