"""The one form of e-mail addresses, and how long what people type may be."""

import re
import unicodedata

from shared.errors import N_

LOCAL = r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
EMAIL = re.compile(rf"{LOCAL}@(?:[a-z0-9-]{{1,63}}\.){{1,8}}[a-z][a-z0-9-]{{1,62}}")
EMAIL_LENGTH = 254
NAME_LENGTH = 100
LINE_LENGTH = 200
BAD_EMAIL = N_("This is not an e-mail address.")


def normal_email(text: str) -> str:
    """The one form under which an address is kept and compared (NFKC, lower case)."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_email(normal: str) -> bool:
    return len(normal) <= EMAIL_LENGTH and EMAIL.fullmatch(normal) is not None
