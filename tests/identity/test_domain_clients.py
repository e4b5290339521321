"""Clients: which secrets serve, which scopes are granted, which sites may be registered."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.identity.domain.clients import (
    MOST_SECRETS,
    PARTNER,
    Client,
    NoScope,
    Scope,
    ScopeRefused,
    Secret,
    TooManySecrets,
    client_secret_hash,
)
from services.identity.domain.sites import SiteFile
from shared.errors import NotFound
from tests.identity.samples import AURORE, START

DAY = timedelta(days=1)
BOTH = frozenset({Scope.FAMILIES_READ, Scope.HEADCOUNTS_READ})


def secret(words: str, after: timedelta = timedelta()) -> Secret:
    return Secret(id=f"sec_{words}", hash=client_secret_hash(words), created_at=START + after)


def partner(**changes: Any) -> Client:
    made = Client(
        id="cli_1",
        name="Cuisine centrale",
        kind=PARTNER,
        municipality_ids=frozenset({AURORE}),
        scopes=BOTH,
        secrets=(secret("first"),),
        created_by="acc_1",
        created_at=START,
    )
    return replace(made, **changes)


def test_a_client_is_known_by_its_secret_and_by_no_other() -> None:
    assert partner().accepts("first", START)
    assert not partner().accepts("second", START)
    assert not partner().accepts("", START)
    assert not partner().accepts(client_secret_hash("first"), START)


def test_a_former_secret_serves_until_the_overlap_is_over() -> None:
    changed = partner().with_secret(secret("second", DAY), overlap=timedelta(hours=24))

    late = START + DAY + timedelta(hours=24)
    assert changed.accepts("first", late - timedelta(seconds=1))
    assert not changed.accepts("first", late)
    assert changed.accepts("second", late)


def test_no_overlap_ends_the_former_secret_at_once() -> None:
    changed = partner().with_secret(secret("second", DAY), overlap=timedelta())

    assert not changed.accepts("first", START + DAY)
    assert [one.id for one in changed.secrets] == ["sec_second"]


def test_a_longer_overlap_never_gives_an_ending_secret_more_time() -> None:
    once = partner().with_secret(secret("second"), overlap=timedelta(hours=1))
    twice = once.with_secret(secret("third"), overlap=timedelta(hours=100))

    assert not twice.accepts("first", START + timedelta(hours=1))
    assert twice.accepts("second", START + timedelta(hours=99))


def test_secrets_do_not_pile_up() -> None:
    client = partner()
    for number in range(1, MOST_SECRETS):
        client = client.with_secret(secret(str(number)), overlap=DAY)

    with pytest.raises(TooManySecrets):
        client.with_secret(secret("one too many"), overlap=DAY)
    assert len(client.with_secret(secret("next day", DAY), overlap=DAY).secrets) == 2


def test_a_removed_secret_serves_no_more() -> None:
    changed = partner().with_secret(secret("second"), overlap=DAY).without_secret("sec_first")

    assert not changed.accepts("first", START)
    assert changed.accepts("second", START)
    with pytest.raises(NotFound):
        changed.without_secret("sec_first")


def test_an_ended_account_keeps_no_secret_and_says_so_to_the_world() -> None:
    ended = partner().revoked(START)

    assert not ended.accepts("first", START)
    assert not replace(ended, secrets=(secret("first"),)).accepts("first", START)
    told = ended.told()
    assert (told.client_id, told.municipality_ids, told.active) == ("cli_1", (AURORE,), False)


def test_scopes_are_granted_as_asked_and_never_beyond() -> None:
    assert partner().granted(frozenset({"families.read"})) == {"families.read"}
    assert partner().granted(frozenset()) == BOTH
    with pytest.raises(ScopeRefused):
        partner().granted(frozenset({"families.read", "catalogue.read"}))


def test_a_partner_without_any_scope_is_no_partner() -> None:
    with pytest.raises(NoScope):
        partner().described("Cuisine", frozenset())


def test_a_secret_is_shown_nowhere() -> None:
    assert client_secret_hash("first") not in repr(partner())


SITE: dict[str, Any] = {
    "client_id": "paiement",
    "name": "Site de paiement",
    "redirect_uris": ["https://paiement.example/retour"],
    "scopes": ["openid", "profile"],
    "secret": "s" * 32,
}


def site(**changes: Any) -> SiteFile:
    return SiteFile.model_validate_json(json.dumps({**SITE, **changes}))


@pytest.mark.parametrize(
    "address",
    [
        "http://paiement.example/retour",
        "https://paiement.example/retour#suite",
        "https://paiement.example/retour#",
        "https://moi@paiement.example/retour",
        "https://moi:mot@paiement.example/retour",
        "https://*.example/retour",
        "https://paiement.example\\@autre.example/",
        "https://paiement.example/re tour",
        "https:///retour",
        "//paiement.example/retour",
        "javascript:alert(1)",
        "data:text/html,x",
        "paiement://retour",
        "https://paiement.éxample/",
        "",
    ],
)
def test_people_are_sent_back_only_to_whole_and_safe_addresses(address: str) -> None:
    for field in ("redirect_uris", "post_logout_redirect_uris"):
        with pytest.raises(ValidationError):
            site(**{field: [address]})
    with pytest.raises(ValidationError):
        site(backchannel_logout_uri=address)


@pytest.mark.parametrize("address", ["https://a.example/x?y=1", "http://127.0.0.1:8091/retour", "http://localhost/r"])
def test_https_and_this_machine_are_good_addresses(address: str) -> None:
    assert site(redirect_uris=[address]).redirect_uris == (address,)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": []},
        {"scopes": ["profile"]},
        {"scopes": ["openid", "families.read"]},
        {"secret": "short"},
        {"public": True},
        {"client_id": "Paiement"},
        {"client_id": "../x"},
        {"kind": "partner"},
    ],
)
def test_a_site_file_that_is_not_right_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        site(**changes)


def test_a_site_brought_up_to_date_keeps_its_secrets_and_its_beginning() -> None:
    known = replace(site().client(None, START), secrets=(secret("first"),), version=3)

    fresh = site(name="Autre nom").client(known, START + DAY)

    assert (fresh.name, fresh.created_at, fresh.version) == ("Autre nom", START, 3)
    assert fresh.accepts("first", START + DAY)


def test_a_site_that_became_public_keeps_no_secret() -> None:
    known = replace(site().client(None, START), secrets=(secret("first"),))

    assert not site(secret=None, public=True).client(known, START).confidential
