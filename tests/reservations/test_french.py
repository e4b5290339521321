"""Every sentence the service can say exists in French, and reads as one."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import services.reservations
from shared.i18n import Catalogues
from tests.reservations.sample_town import ask, paris

FOLDER = Path(services.reservations.__file__).parent
FRENCH = Catalogues(FOLDER)


def sentences() -> Iterator[str]:
    """What the sources mark for translation."""
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                yield ast.literal_eval(node.args[0])


def test_every_sentence_is_translated() -> None:
    assert [said for said in sorted(set(sentences())) if FRENCH.translate("fr", said) == said] == []


def test_a_passed_deadline_reads_as_a_family_would_say_it() -> None:
    refusal = ask("repas", date(2026, 3, 10), now=paris(2026, 3, 9, 8)).refusal
    assert refusal is not None

    assert FRENCH.sentence("fr", refusal.sentence, refusal.facts) == (
        "« REPAS » pour le mardi 10 mars 2026 pouvait être modifié jusqu’au vendredi 6 mars 2026 à 10:00"
        " (règle j-2, version 3)."
    )
    assert FRENCH.sentence("fr", refusal.remedy, refusal.facts) == (
        "Choisissez un jour plus lointain, ou contactez la mairie : "
        "Sainte-Aurore, 02 61 91 20 00, enfance@sainte-aurore.example."
    )


def test_a_public_holiday_is_named() -> None:
    refusal = ask("repas", date(2026, 5, 14), now=paris(2026, 3, 2, 8)).refusal
    assert refusal is not None

    assert FRENCH.sentence("fr", refusal.sentence, refusal.facts) == "Le jeudi 14 mai 2026 est férié (Ascension)."
