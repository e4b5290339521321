"""The secrets of one installation: made once, kept for its owner's eyes only, never in the repository."""

import base64
import hashlib
import hmac
import os
from pathlib import Path
from secrets import token_bytes

MASTER_BYTES = 32
FILE = "master-secret"


class Secrets:
    """Every password, derived from one master secret: the same purpose gives the same password for ever."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def of(self, *purpose: str) -> str:
        """A password of 64 hexadecimal digits."""
        return self._derived(*purpose).hex()

    def demo_password(self, email: str) -> str:
        """What a demo log-in types: three groups of five letters and digits, 75 bits."""
        letters = base64.b32encode(self._derived("demo", email)).decode().lower()
        return "-".join(letters[start : start + 5] for start in (0, 5, 10))

    def _derived(self, *purpose: str) -> bytes:
        return hmac.digest(self._master, "\0".join(purpose).encode(), hashlib.sha256)


def kept_in(folder: Path) -> Secrets:
    """The secrets of that data folder, made at the first call."""
    path = folder / FILE
    if not path.exists():
        write_privately(path, token_bytes(MASTER_BYTES))
    return Secrets(path.read_bytes())


def write_privately(path: Path, content: bytes) -> None:
    """Write a whole file that only its owner may read; it never exists half written."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
