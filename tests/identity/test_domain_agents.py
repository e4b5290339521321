"""Who may do what in a town, and who may change it."""

from dataclasses import replace

import pytest

from services.identity.domain.accounts import Account
from services.identity.domain.agents import (
    AgentActive,
    AgentKnown,
    LastManager,
    OwnManagerRole,
    invited,
    invited_again,
    state_of,
    with_new_roles,
)
from services.identity.domain.roles import (
    NoRole,
    ProgrammeElsewhere,
    TownRoles,
    roles_in,
    town_roles,
    with_roles_in,
)
from services.identity.domain.staff_table import read_staff
from shared.contracts.identity import AgentRolesSet, InvitationIssued
from tests.identity.samples import AURORE, CODE, DORE, START, issuance, staff

CANTEEN, CLUB = f"{AURORE}.restaurant", f"{AURORE}.centre-de-loisirs"
EDITOR = TownRoles(names=frozenset({"editor"}))
DOORKEEPER = TownRoles(programmes={CANTEEN: frozenset({"attendance"})})
MANAGER = TownRoles(names=frozenset({"manager"}))


def account(**changes: object) -> Account:
    nora = Account(id="acc_1", email="nora@m.example", first_name="Nora", last_name="Blin", version=1)
    return replace(nora, **changes)  # type: ignore[arg-type]  # the fields are each test's own


def manager(account_id: str) -> Account:
    return with_roles_in(account(id=account_id, password_hash="$argon2id$x"), AURORE, MANAGER)


def test_roles_of_a_town_are_replaced_whole_and_those_of_others_stay() -> None:
    both = with_roles_in(with_roles_in(account(), DORE, EDITOR), AURORE, DOORKEEPER)

    changed = with_roles_in(both, AURORE, EDITOR)

    assert roles_in(changed, AURORE) == EDITOR
    assert roles_in(changed, DORE) == EDITOR
    assert roles_in(with_roles_in(changed, AURORE, TownRoles()), AURORE) == TownRoles()
    assert changed.programme_roles == {}


def test_a_town_whose_name_begins_like_another_is_another() -> None:
    held = with_roles_in(
        account(), f"{AURORE}-les-bains", TownRoles(programmes={f"{AURORE}-les-bains.x": frozenset({"manager"})})
    )

    assert not roles_in(held, AURORE)


def test_an_agent_needs_a_role_somewhere_in_the_town() -> None:
    for names, programmes in (((), {}), ((), {CANTEEN: ()})):
        with pytest.raises(NoRole):
            town_roles(AURORE, names, programmes)


@pytest.mark.parametrize("programme", [f"{DORE}.restaurant", "restaurant", f"{AURORE}.", f"{AURORE}.$where", AURORE])
def test_a_role_in_a_programme_of_elsewhere_is_refused(programme: str) -> None:
    with pytest.raises(ProgrammeElsewhere) as refused:
        town_roles(AURORE, ["editor"], {programme: ["attendance"]})

    assert refused.value.facts == {"programme": programme}


def test_whoever_has_no_password_gets_a_code_and_the_roles_at_once() -> None:
    change = invited(account(), AURORE, DOORKEEPER, issuance())

    told, letter = change.events
    assert isinstance(told, AgentRolesSet)
    assert told.programme_roles == {CANTEEN: ("attendance",)}
    assert isinstance(letter, InvitationIssued)
    assert (letter.kind, letter.code, letter.addressee) == ("agent", CODE, "Nora Blin")
    assert change.invited


def test_whoever_signs_in_already_gets_roles_without_a_code() -> None:
    change = invited(account(password_hash="$argon2id$x"), AURORE, EDITOR, issuance())

    assert [type(event) for event in change.events] == [AgentRolesSet]
    assert not change.invited


def test_an_agent_of_the_town_is_not_invited_a_second_time() -> None:
    with pytest.raises(AgentKnown):
        invited(with_roles_in(account(), AURORE, DOORKEEPER), AURORE, EDITOR, issuance())


def test_a_code_is_sent_again_until_it_was_used() -> None:
    waiting = invited(account(), AURORE, EDITOR, issuance()).account

    again = invited_again(waiting, AURORE, issuance("ZZ12CD34EF")).account

    assert len(again.activations) == 1
    assert again.invitation_of(AURORE) != waiting.invitation_of(AURORE)
    with pytest.raises(AgentActive):
        invited_again(replace(waiting, password_hash="$argon2id$x"), AURORE, issuance())


def test_the_same_roles_change_nothing() -> None:
    one = with_roles_in(account(), AURORE, DOORKEEPER)

    assert with_new_roles(one, AURORE, DOORKEEPER, sender_id="acc_9", managers=[]) is None


def test_without_roles_a_code_not_used_yet_is_void() -> None:
    waiting = invited(
        invited(account(), DORE, EDITOR, issuance("AA00AA00AA")).account, AURORE, EDITOR, issuance()
    ).account

    change = with_new_roles(waiting, AURORE, TownRoles(), sender_id="acc_9", managers=[])

    assert change
    assert change.account.invitation_of(AURORE) is None
    assert change.account.invitation_of(DORE)
    assert change.events == (AgentRolesSet(account_id="acc_1", municipality_id=AURORE, roles=()),)


def test_nobody_takes_the_manager_role_from_themselves() -> None:
    for roles in (EDITOR, TownRoles()):
        with pytest.raises(OwnManagerRole):
            with_new_roles(manager("acc_1"), AURORE, roles, sender_id="acc_1", managers=[manager("acc_2")])


def test_a_manager_may_give_themselves_more() -> None:
    more = TownRoles(names=frozenset({"manager", "editor"}))

    change = with_new_roles(manager("acc_1"), AURORE, more, sender_id="acc_1", managers=[manager("acc_1")])

    assert change
    assert roles_in(change.account, AURORE) == more


def test_the_last_manager_who_can_sign_in_stays() -> None:
    last = manager("acc_1")

    with pytest.raises(LastManager):
        with_new_roles(last, AURORE, EDITOR, sender_id="acc_9", managers=[last])
    assert with_new_roles(last, AURORE, EDITOR, sender_id="acc_9", managers=[last, manager("acc_2")])


def test_what_is_taken_away_is_told_from_what_is_added() -> None:
    both = TownRoles(names=frozenset({"editor"}), programmes={CANTEEN: frozenset({"attendance", "manager"})})

    assert not both.lacks(EDITOR)
    assert EDITOR.lacks(both)
    assert DOORKEEPER.lacks(both)
    assert not DOORKEEPER.lacks(DOORKEEPER)


def test_an_agent_is_invited_until_the_code_expires_and_active_from_the_password_on() -> None:
    waiting = invited(account(), AURORE, EDITOR, issuance(days=1)).account

    assert state_of(waiting, AURORE, START) == "invited"
    assert state_of(waiting, AURORE, START.replace(year=START.year + 1)) == "expired"
    assert state_of(replace(waiting, password_hash="$argon2id$x"), AURORE, START) == "active"


# --- staff.csv ------------------------------------------------------------------------------------------------------


def test_a_role_in_one_programme_is_written_with_an_at_sign() -> None:
    table = read_staff(staff("nora@m.example;Blin;Nora;editor, Attendance @ restaurant,manager@restaurant").encode())

    (member,) = table.members
    assert member.roles == {"editor"}
    assert member.roles_in(AURORE).programmes == {CANTEEN: frozenset({"attendance", "manager"})}


@pytest.mark.parametrize(
    "written", ["cashier@restaurant", "attendance@", "@restaurant", "attendance@Le Resto", "a@b@c"]
)
def test_a_role_in_one_programme_that_is_none_is_refused_by_its_line(written: str) -> None:
    table = read_staff(staff(f"nora@m.example;Blin;Nora;{written}").encode())

    (fault,) = table.faults
    assert (fault.line, fault.column, fault.facts) == (2, "roles", {"role": written})
    assert table.members == ()
