"""staff.csv: one line per agent with the roles the town gives them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.identity.domain.roles import PROGRAMME_ROLES, ROLES, TownRoles
from services.identity.domain.text import BAD_EMAIL, NAME_LENGTH, is_email, normal_email
from shared.errors import N_, BadInput
from shared.tables import EMPTY, TOO_LONG, Fault, Row, read_table
from shared.text import plain

COLUMNS = ("email", "nom", "prenom", "roles")
IN_PROGRAMME = re.compile(r"\s*([a-zA-Z]+)\s*@\s*([a-z0-9]+(?:-[a-z0-9]+)*)\s*")
NOT_IN_PROGRAMME = N_("“%(role)s” is no role in one programme: manager@programme and attendance@programme are.")
UNKNOWN_ROLE = N_("“%(role)s” is no role: manager, registrar, attendance, cashier and editor are.")
SAME_AGENT = N_("This agent is already on line %(line)s.")
NO_ROLE = N_("A new agent needs at least one role.")


class OwnRoleKept(BadInput):
    """Else a slip in a file could leave a town without anyone who can repair it."""

    code = "own-role-kept"
    title = N_("Your own manager role stays")
    sentence = N_("This file would take the manager role away from you, who send it.")
    remedy = N_("Give yourself the manager role in the file, or have another manager send it.")


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    line: int
    email: str
    first_name: str
    last_name: str
    roles: frozenset[str]
    """In the whole town."""
    programmes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """In one programme, by its code in the town: `attendance@restaurant`."""

    def roles_in(self, municipality_id: str) -> TownRoles:
        programmes = {f"{municipality_id}.{code}": names for code, names in self.programmes.items()}
        return TownRoles(names=self.roles, programmes=programmes)


@dataclass(frozen=True)
class StaffTable:
    members: tuple[StaffMember, ...]
    faults: tuple[Fault, ...]


def read_staff(content: bytes) -> StaffTable:
    """Raises `UnreadableFile`, `ColumnsMissing`; everything else becomes a fault of its line."""
    members: dict[str, StaffMember] = {}
    faults: list[Fault] = []
    for row in read_table(content, needed=COLUMNS):
        email = normal_email(row["email"])
        if found := _faults(row):
            faults += found
        elif email in members:
            faults.append(Fault(row.line, "email", SAME_AGENT, {"line": members[email].line}))
        else:
            members[email] = _member(row, email)
    return StaffTable(tuple(members.values()), tuple(faults))


def _faults(row: Row) -> list[Fault]:
    if row.surplus:
        return [row.surplus]
    faults = [Fault(row.line, column, EMPTY) for column in ("email", "nom", "prenom") if not row[column]]
    if row["email"] and not is_email(normal_email(row["email"])):
        faults.append(Fault(row.line, "email", BAD_EMAIL))
    long = (column for column in ("nom", "prenom") if len(row[column]) > NAME_LENGTH)
    faults += [Fault(row.line, column, TOO_LONG, {"limit": NAME_LENGTH}) for column in long]
    unknown = [(role, UNKNOWN_ROLE) for role in sorted(_roles(row) - ROLES)]
    unknown += [(written, NOT_IN_PROGRAMME) for written in _written_in_programmes(row) if not _in_programme(written)]
    return [*faults, *(Fault(row.line, "roles", sentence, {"role": role}) for role, sentence in unknown)]


def _roles(row: Row) -> frozenset[str]:
    return frozenset(name for part in row["roles"].split(",") if "@" not in part and (name := plain(part)))


def _written_in_programmes(row: Row) -> list[str]:
    return [part.strip() for part in row["roles"].split(",") if "@" in part]


def _in_programme(written: str) -> tuple[str, str] | None:
    """Role and programme of `attendance@restaurant`."""
    found = IN_PROGRAMME.fullmatch(written)
    role = found[1].lower() if found else ""
    return (role, found[2]) if found and role in PROGRAMME_ROLES else None


def _member(row: Row, email: str) -> StaffMember:
    programmes: dict[str, frozenset[str]] = {}
    for written in _written_in_programmes(row):
        if held := _in_programme(written):
            programmes[held[1]] = programmes.get(held[1], frozenset()) | {held[0]}
    return StaffMember(
        line=row.line,
        email=email,
        first_name=row["prenom"],
        last_name=row["nom"],
        roles=_roles(row),
        programmes=programmes,
    )
