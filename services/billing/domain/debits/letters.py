"""The characters banks exchange (EPC217-08): unaccented Latin letters, digits and some signs."""

import re
import unicodedata

WRITTEN_OTHERWISE = str.maketrans(
    {
        "Œ": "OE",
        "œ": "oe",
        "Æ": "AE",
        "æ": "ae",
        "ß": "ss",
        "Ø": "O",
        "ø": "o",
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "’": "'",
        "‘": "'",
        "–": "-",
        "—": "-",
        "&": "+",
    }
)
NOT_EXCHANGED = re.compile(r"[^a-zA-Z0-9/\-?:().,'+ ]+")


def exchanged(text: str, longest: int, otherwise: str = "-") -> str:
    """The text as a bank may read it; `otherwise` when nothing of it can be written so."""
    plain = unicodedata.normalize("NFKD", text.translate(WRITTEN_OTHERWISE))
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    # Neither begins nor ends with a slash, nor has two in a row: they separate references there.
    kept = re.sub("/{2,}", "/", NOT_EXCHANGED.sub(" ", letters))
    return " ".join(kept.split())[:longest].strip("/ ") or otherwise
