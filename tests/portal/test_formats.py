"""Days, instants and money as people write them."""

import pytest

from services.portal.formats import FORMATS
from tests.portal.visiting import plain


@pytest.mark.parametrize(
    ("name", "value", "more", "french", "english"),
    [
        ("money", 123456, (), "1 234,56 €", "€1,234.56"),
        ("day", "2025-12-01", (), "lundi 1er décembre 2025", "Monday 1 December 2025"),
        ("short_day", "2025-12-01", (), "01/12/2025", "01/12/2025"),
        ("weekday", "2025-12-01", (), "lun. 1", "Mon 1"),
        ("weekday_month", "2025-12-01", (), "lun. 1 déc.", "Mon 1 Dec"),
        ("month", "2025-12", (), "décembre 2025", "December 2025"),
        ("short_month", "2025-12", (), "déc.", "Dec"),
        ("weekday_name", 7, (), "dim.", "Sun"),
        ("weekday_full", 3, (), "mercredi", "Wednesday"),
        ("instant", "2025-11-20T09:00:00Z", ("Europe/Paris",), "jeudi 20 novembre 2025 à 10:00", None),
        ("instant", "2025-11-20T09:00:00Z", ("Indian/Reunion",), "jeudi 20 novembre 2025 à 13:00", None),
        (
            "short_instant",
            "2025-11-20T10:00:00+01:00",
            ("Europe/Paris",),
            "jeu. 20 nov. à 10:00",
            "Thu 20 Nov at 10:00",
        ),
        ("day_there", "2025-11-30T22:00:00Z", ("Indian/Reunion",), "lundi 1er décembre 2025", None),
    ],
)
def test_a_value_is_written_in_both_languages(
    name: str, value: object, more: tuple[str, ...], french: str, english: str | None
) -> None:
    assert plain(FORMATS[name](value, "fr", *more)) == french
    if english is not None:
        assert plain(FORMATS[name](value, "en", *more)) == english
