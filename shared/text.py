"""How words typed or exported by people are brought to one form before they are kept or compared."""

import unicodedata


def tidy(text: str) -> str:
    """Composed Unicode, one space between words, without the unseen characters that exports leave behind."""
    # Most cells are printable throughout; looking at each character of a large table takes seconds.
    seen = text if text.isprintable() else "".join(char for char in text if char.isspace() or _is_seen(char))
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def _is_seen(char: str) -> bool:
    return not unicodedata.category(char).startswith("C")


def unaccented(text: str) -> str:
    """Lower case without accents or ligatures."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def plain(text: str) -> str:
    """Unaccented words separated by one space: `Éloïse  LE-GOFF` → `eloise le goff`."""
    return " ".join("".join(char if char.isalnum() else " " for char in unaccented(text)).split())
