"""How names, codes and addresses typed by people are brought to one form before they are compared or kept."""

import re
import unicodedata

LOCAL = r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
EMAIL = re.compile(rf"{LOCAL}@(?:[a-z0-9-]{{1,63}}\.){{1,8}}[a-z][a-z0-9-]{{1,62}}")
EMAIL_LENGTH = 254
NAME_LENGTH = 100
LINE_LENGTH = 200


def tidy(text: str) -> str:
    """Composed Unicode, one space between words, without the unseen characters that exports leave behind."""
    seen = (char for char in text if char.isspace() or not unicodedata.category(char).startswith("C"))
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def unaccented(text: str) -> str:
    """Lower case without accents or ligatures."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def plain(text: str) -> str:
    """Unaccented words separated by one space: `Éloïse  LE-GOFF` → `eloise le goff`."""
    return " ".join("".join(char if char.isalnum() else " " for char in unaccented(text)).split())


def normal_email(text: str) -> str:
    """The one form under which an address is kept and compared (NFKC, lower case)."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_email(normal: str) -> bool:
    return len(normal) <= EMAIL_LENGTH and EMAIL.fullmatch(normal) is not None
