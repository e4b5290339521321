"""What an agent may do in one town: roles in all of it, and roles in one of its programmes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.identity.domain.accounts import Account
from shared.errors import N_, BadInput

MANAGER = "manager"
ROLES = frozenset({MANAGER, "registrar", "attendance", "cashier", "editor"})
# What there is to do in one programme: keep its attendance, close its months.
PROGRAMME_ROLES = frozenset({MANAGER, "attendance"})
PROGRAMME_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class NoRole(BadInput):
    code = "no-role"
    title = N_("No role")
    sentence = N_("An agent needs at least one role, in the town or in one of its programmes.")
    remedy = N_("Choose a role; to take all of them away, remove the agent.")


class ProgrammeElsewhere(BadInput):
    code = "programme-elsewhere"
    title = N_("Not a programme of this town")
    sentence = N_("“%(programme)s” is no programme of this town.")
    remedy = N_("Choose a programme from the town's list.")


@dataclass(frozen=True, kw_only=True)
class TownRoles:
    """What an agent may do in one town: `names` in all of it, `programmes` by programme id."""

    names: frozenset[str] = frozenset()
    programmes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.names or self.programmes)

    def lacks(self, former: "TownRoles") -> bool:
        """Whether something was taken away."""
        lost = (names - self.programmes.get(one, frozenset()) for one, names in former.programmes.items())
        return bool(former.names - self.names) or any(lost)


def town_roles(municipality_id: str, names: Iterable[str], programmes: Mapping[str, Iterable[str]]) -> TownRoles:
    """Raises `NoRole`, `ProgrammeElsewhere`."""
    for programme_id in programmes:
        town, _, code = programme_id.partition(".")
        if town != municipality_id or not PROGRAMME_CODE.fullmatch(code):
            raise ProgrammeElsewhere(programme=programme_id)
    held = {programme_id: frozenset(of) for programme_id, of in programmes.items() if of}
    roles = TownRoles(names=frozenset(names), programmes=held)
    if not roles:
        raise NoRole()
    return roles


def roles_in(account: Account, municipality_id: str) -> TownRoles:
    held = {one: names for one, names in account.programme_roles.items() if one.startswith(f"{municipality_id}.")}
    return TownRoles(names=account.roles.get(municipality_id, frozenset()), programmes=held)


def with_roles_in(account: Account, municipality_id: str, roles: TownRoles) -> Account:
    """Everything the account may do in one town replaced; what it may do in others stays."""
    former = roles_in(account, municipality_id)
    elsewhere = {one: names for one, names in account.programme_roles.items() if one not in former.programmes}
    changed = account.with_roles(municipality_id, roles.names)
    return replace(changed, programme_roles={**elsewhere, **roles.programmes})
