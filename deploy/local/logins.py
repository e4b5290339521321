"""The demo log-ins of an installation, kept beside its data for its owner's eyes only."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time
from typing import Protocol

from deploy.local.secrets import write_privately
from deploy.sample.authenticator import code_of, step_of

FILE = "demo-logins.json"
HEADINGS = ("town", "role", "e-mail", "password", "authenticator secret", "code now")


class Login(Protocol):
    """What the sample loader hands over."""

    @property
    def role(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def town(self) -> str: ...
    @property
    def secret(self) -> str: ...


@dataclass(frozen=True)
class DemoLogin:
    """An account of a sample town that a visitor may use; `secret`: for an authenticator app, none for guardians."""

    role: str
    email: str
    password: str
    town: str
    secret: str = ""

    def code(self) -> str:
        """What the app shows now."""
        return code_of(self.secret, step_of(time())) if self.secret else ""


def keep(folder: Path, logins: Iterable[Login]) -> list[DemoLogin]:
    kept = [DemoLogin(one.role, one.email, one.password, one.town, one.secret) for one in logins]
    content = json.dumps([asdict(one) for one in kept], ensure_ascii=False, indent=1)
    write_privately(folder / FILE, content.encode())
    return kept


def kept_in(folder: Path) -> list[DemoLogin] | None:
    """None while no sample was loaded."""
    path = folder / FILE
    return [DemoLogin(**row) for row in json.loads(path.read_text())] if path.exists() else None


def table(logins: Iterable[DemoLogin]) -> list[str]:
    """Lines in columns, headings first; none without log-ins."""
    rows = [(one.town, one.role, one.email, one.password, one.secret, one.code()) for one in logins]
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (HEADINGS, *rows)]
