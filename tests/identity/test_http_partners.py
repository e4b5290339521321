"""Partners' accounts as a manager sees them, and what a partner sees with the token its secret buys."""

from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.clients import MOST_SECRETS, ClientRefused, ScopeRefused
from shared.auth import Role
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, BENALI, DORE, EMILE, JEANNE, MAIL, MovableClock, table

ACCOUNTS = f"partner-accounts?municipality_id={AURORE}"
KITCHEN = {"name": "Cuisine centrale", "scopes": ["families.read", "headcounts.read"]}


async def created(door: Door, **changes: Any) -> dict[str, Any]:
    status, answer = await door.post(ACCOUNTS, {**KITCHEN, **changes}, door.manager)
    assert status == 201, answer
    return dict(answer)


async def token(door: Door, account: dict[str, Any], scope: str = "") -> dict[str, str]:
    given = await door.parts.partner_tokens.token_for(account["client_id"], account["secret"], scope)
    return {"Authorization": f"Bearer {given.access_token}"}


async def listed(door: Door) -> list[dict[str, Any]]:
    status, answer = await door.get(ACCOUNTS, door.issuer.agent(AURORE, Role.MANAGER))
    assert status == 200
    return list(answer["items"])


async def change(door: Door, method: str, path: str, body: Any = None, headers: Any = None) -> tuple[int, Any]:
    response = await door.client.request(
        method, f"/api/v1/partner-accounts/{path}", json=body, headers=headers or door.manager
    )
    return response.status, await response.json() if response.content_type.endswith("json") else None


async def test_the_secret_is_shown_once_and_kept_nowhere(door: Door) -> None:
    account = await created(door)
    (shown,) = await listed(door)

    assert account["secret"].startswith("preau_")
    assert shown == {name: value for name, value in account.items() if name != "secret"}
    assert (shown["scopes"], shown["municipality_ids"]) == (["families.read", "headcounts.read"], [AURORE])
    assert account["secret"] not in str(await door.db["clients"].find_one({"_id": account["client_id"]}))


async def test_a_partner_learns_who_it_is_with_a_token_its_secret_buys(door: Door) -> None:
    account = await created(door)

    status, me = await door.get("partner", await token(door, account, "families.read"))

    assert (status, me["client_id"], me["scopes"]) == (200, account["client_id"], ["families.read"])
    assert me["municipality_ids"] == [AURORE]


async def test_a_partner_reads_references_states_and_ids_and_no_name(door: Door) -> None:
    await door.joined()
    await door.send(f"family-imports?municipality_id={AURORE}", table(BENALI), door.registrar)
    headers = await token(door, await created(door))

    status, page = await door.get(f"partner/families?municipality_id={AURORE}", headers)

    waiting, joined = sorted(page["items"], key=lambda one: str(one["state"]), reverse=True)
    assert status == 200
    assert (joined["reference"], joined["state"], waiting["reference"], waiting["state"]) == (
        "F1",
        "joined",
        "F2",
        "not_invited",
    )
    assert joined["household_id"].startswith("hsh_")
    assert [child["reference"] for child in joined["children"]] == ["E1", "E2"]
    assert all(child["child_id"].startswith("chd_") for child in joined["children"])
    assert (waiting["household_id"], waiting["children"]) == (None, [{"reference": "E3", "child_id": None}])
    for personal in ("Lefèvre", "Benali", "Jeanne", MAIL, "06 39", "Bel-Air"):
        assert personal not in str(page)


async def test_families_come_page_after_page(door: Door) -> None:
    await door.send(f"family-imports?municipality_id={AURORE}", table(JEANNE, EMILE, BENALI), door.registrar)
    headers = await token(door, await created(door))
    path = f"partner/families?municipality_id={AURORE}&limit=1"

    _, first = await door.get(path, headers)
    _, second = await door.get(f"{path}&cursor={first['next_cursor']}", headers)

    assert second["next_cursor"] is None
    assert {page["items"][0]["reference"] for page in (first, second)} == {"F1", "F2"}


async def test_a_partner_sees_its_own_town_and_what_its_scopes_say_only(door: Door) -> None:
    account = await created(door)
    blind = await created(door, scopes=["catalogue.read"])

    other_town, _ = await door.get(f"partner/families?municipality_id={DORE}", await token(door, account))
    other_scope, _ = await door.get(f"partner/families?municipality_id={AURORE}", await token(door, blind))
    narrowed, _ = await door.get(
        f"partner/families?municipality_id={AURORE}", await token(door, account, "headcounts.read")
    )
    peoples_own, _ = await door.get("me", await token(door, account))

    assert (other_town, other_scope, narrowed, peoples_own) == (403, 403, 403, 403)


async def test_people_are_no_partners(door: Door) -> None:
    parent = await door.joined()

    for path in ("partner", f"partner/families?municipality_id={AURORE}"):
        assert (await door.get(path, parent))[0] == 403
        assert (await door.get(path, door.manager))[0] == 403
        assert (await door.get(path))[0] == 401


@pytest.mark.parametrize("scope", ["catalogue.read", "families.read catalogue.read", "families.write", "openid", "*"])
async def test_a_token_never_holds_more_than_the_account(door: Door, scope: str) -> None:
    account = await created(door)

    with pytest.raises(ScopeRefused):
        await token(door, account, scope)


async def test_unknown_wrong_and_ended_are_refused_alike(door: Door) -> None:
    account, ended = await created(door), await created(door)
    await change(door, "DELETE", ended["client_id"])

    for client_id, secret in (
        ("cli_nobody", account["secret"]),
        (account["client_id"], ended["secret"]),
        (account["client_id"], ""),
        (ended["client_id"], ended["secret"]),
    ):
        with pytest.raises(ClientRefused):
            await door.parts.partner_tokens.token_for(client_id, secret)


async def test_a_new_secret_leaves_the_former_one_the_hours_asked(door: Door, clock: MovableClock) -> None:
    account = await created(door)

    status, handed = await change(door, "POST", f"{account['client_id']}/secrets", {"overlap_hours": 2})

    assert status == 201
    assert handed["secret"] != account["secret"]
    (shown,) = await listed(door)
    ends = (clock() + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert [one["expires_at"] for one in shown["secrets"]] == [ends, None]
    assert await token(door, account)
    clock.pass_(hours=2)
    with pytest.raises(ClientRefused):
        await token(door, account)
    assert await token(door, {**account, "secret": handed["secret"]})
    assert len((await listed(door))[0]["secrets"]) == 1


async def test_a_secret_that_leaked_is_ended_at_once(door: Door) -> None:
    account = await created(door)
    _, handed = await change(door, "POST", f"{account['client_id']}/secrets", {})
    former = account["secrets"][0]["secret_id"]

    assert (await change(door, "DELETE", f"{account['client_id']}/secrets/{former}"))[0] == 204
    assert (await change(door, "DELETE", f"{account['client_id']}/secrets/{former}"))[0] == 404
    with pytest.raises(ClientRefused):
        await token(door, account)
    assert await token(door, {**account, "secret": handed["secret"]})


async def test_too_many_secrets_are_refused_with_what_to_do(door: Door) -> None:
    path = f"{(await created(door))['client_id']}/secrets"
    for _ in range(MOST_SECRETS - 1):
        assert (await change(door, "POST", path, {}))[0] == 201

    status, problem = await change(door, "POST", path, {})

    assert (status, problem["type"]) == (409, "/problems/too-many-secrets")
    assert problem["next"]


async def test_other_scopes_hold_from_the_next_token_on(door: Door) -> None:
    account = await created(door)
    body = {"name": "Cuisine", "scopes": ["catalogue.read"]}

    status, changed = await change(door, "PUT", account["client_id"], body)

    assert (status, changed["name"], changed["scopes"]) == (200, "Cuisine", ["catalogue.read"])
    with pytest.raises(ScopeRefused):
        await token(door, account, "families.read")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Cuisine", "scopes": ["families.write"]},
        {"name": "Cuisine", "scopes": ["openid"]},
        {"name": "", "scopes": ["families.read"]},
        {"name": "Cuisine", "scopes": []},
        {"name": "Cuisine"},
        {"name": "Cuisine", "scopes": ["families.read"], "municipality_ids": [DORE]},
    ],
)
async def test_an_account_that_means_nothing_is_refused(door: Door, body: dict[str, Any]) -> None:
    account = await created(door)

    assert (await door.post(ACCOUNTS, body, door.manager))[0] == 422
    assert (await change(door, "PUT", account["client_id"], body))[0] == 422


async def test_the_last_use_is_kept_to_the_minute(door: Door, clock: MovableClock) -> None:
    account = await created(door)
    uses = []
    for seconds in (0, 30, 31):
        clock.pass_(seconds=seconds)
        await token(door, account)
        uses.append((await listed(door))[0]["last_used_at"])

    assert account["last_used_at"] is None
    assert uses[0] == uses[1] != uses[2]


async def test_a_change_does_not_take_the_last_use_back(door: Door) -> None:
    account = await created(door)
    await token(door, account)

    await change(door, "PUT", account["client_id"], {**KITCHEN, "name": "Autre"})

    assert (await listed(door))[0]["last_used_at"]


async def test_the_world_hears_what_a_partner_may_do_and_when_it_ends(door: Door) -> None:
    account = await created(door)
    await change(door, "PUT", account["client_id"], {**KITCHEN, "name": "Autre nom"})
    await change(door, "PUT", account["client_id"], {**KITCHEN, "scopes": ["events.read"]})
    await change(door, "DELETE", account["client_id"])

    told = [one["data"] for one in await door.told("identity.partner_set.v1")]

    assert [(one["scopes"], one["active"]) for one in told] == [
        (["families.read", "headcounts.read"], True),
        (["events.read"], True),
        (["events.read"], False),
    ]
    assert all("Cuisine" not in str(one) for one in told)


async def test_an_ended_account_is_gone_for_the_manager_and_its_last_token_opens_nothing_here(door: Door) -> None:
    account = await created(door)
    headers = await token(door, account)

    assert (await change(door, "DELETE", account["client_id"]))[0] == 204

    assert await listed(door) == []
    assert (await change(door, "DELETE", account["client_id"]))[0] == 404
    assert (await door.get("partner", headers))[0] == 401
    assert (await door.get(f"partner/families?municipality_id={AURORE}", headers))[0] == 401


async def test_only_a_manager_of_the_town_has_to_do_with_its_partners(door: Door) -> None:
    account = await created(door)
    elsewhere = door.issuer.agent(DORE, Role.MANAGER)
    one = account["client_id"]

    assert (await door.get(ACCOUNTS, door.registrar))[0] == 403
    assert (await door.get(ACCOUNTS, elsewhere))[0] == 403
    assert (await door.post(ACCOUNTS, KITCHEN, elsewhere))[0] == 403
    for method, path, body in (
        ("PUT", one, KITCHEN),
        ("DELETE", one, None),
        ("POST", f"{one}/secrets", {}),
        ("DELETE", f"{one}/secrets/{account['secrets'][0]['secret_id']}", None),
    ):
        assert (await change(door, method, path, body, elsewhere))[0] == 404
        assert (await change(door, method, path, body, door.registrar))[0] == 403
    assert await listed(door) == [{name: value for name, value in account.items() if name != "secret"}]
