"""Texts as the Treasury's files take them: ISO-8859-1, of a limited length, on one line."""

import unicodedata

from shared.text import tidy

# What Latin-1 lacks of French and of what word processors write.
INSTEAD = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "€": "EUR",
        "Ÿ": "Y",
    }
)


def latin(text: str, length: int) -> str:
    """The text on one line in ISO-8859-1, cut at `length`; letters it lacks lose their accent, the rest is left out."""
    written = tidy(text).translate(INSTEAD)
    return "".join(_letter(char) for char in written)[:length].strip()


def _letter(char: str) -> str:
    if char.isprintable() and _fits(char):
        return char
    return "".join(part for part in unicodedata.normalize("NFKD", char) if part.isprintable() and _fits(part))


def _fits(char: str) -> bool:
    try:
        char.encode("iso-8859-1")
    except UnicodeEncodeError:
        return False
    return True
