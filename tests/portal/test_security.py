"""Forms that are not ours, addresses that are not ours, and what every answer carries."""

from collections.abc import AsyncIterator

import pytest

from services.portal.api import SESSIONS
from services.portal.security import inside
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT, Client, FakeGateway, portal_before


@pytest.fixture
def gateway() -> FakeGateway:
    fake = FakeGateway()
    fake.lay("GET", "/municipalities", [])
    fake.lay("DELETE", "/cart", None)
    return fake


@pytest.fixture
async def client(gateway: FakeGateway, database: Database) -> AsyncIterator[Client]:
    async with portal_before(gateway, database, MovableClock()) as opened:
        yield opened


@pytest.fixture
async def signed_in(client: Client) -> str:
    """The client has a session; its form token."""
    sessions = client.app[SESSIONS]
    secret = await sessions.open(GRANTED, PARENT)
    client.session.cookie_jar.update_cookies({"preau": secret}, client.make_url("/"))
    found = await sessions.find(secret)
    assert found is not None
    return found.csrf


def origin(client: Client) -> str:
    return str(client.make_url("/")).rstrip("/")


async def test_a_form_of_ours_is_taken(client: Client, gateway: FakeGateway, signed_in: str) -> None:
    form, headers = {"csrf": signed_in, "back": "/reservations"}, {"Sec-Fetch-Site": "same-origin"}

    answer = await client.post("/panier/vider", data=form, headers=headers, allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/reservations")
    assert gateway.times("DELETE", "/cart") == 1


async def test_giving_kept_places_back_twice_is_no_mistake(
    client: Client, gateway: FakeGateway, signed_in: str
) -> None:
    gone = {"type": "/problems/not-found", "title": "Introuvable", "status": 404, "detail": "Rien."}
    gateway.lay("DELETE", "/cart/orders/ord_1", gone, 404)
    form = {"csrf": signed_in, "back": "/reservations", "order_id": "ord_1"}

    answer = await client.post(
        "/panier/commandes/retrait", data=form, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False
    )

    assert (answer.status, answer.headers["Location"]) == (303, "/reservations")


@pytest.mark.parametrize("token", ["", "another", "é"])
async def test_a_form_without_the_sessions_token_is_refused(
    token: str, client: Client, gateway: FakeGateway, signed_in: str
) -> None:
    answer = await client.post("/panier/vider", data={"csrf": token}, headers={"Origin": origin(client)})

    assert answer.status == 403
    assert "Ce formulaire n’est plus valable" in await answer.text()
    assert gateway.times("DELETE", "/cart") == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/panier/vider", "/connexion", "/createAccount", "/deconnexion"])
async def test_a_form_from_elsewhere_is_refused_even_with_the_token(
    path: str, headers: dict[str, str], client: Client, gateway: FakeGateway, signed_in: str
) -> None:
    answer = await client.post(path, data={"csrf": signed_in}, headers=headers)

    assert answer.status == 403
    assert gateway.asked == []


@pytest.mark.parametrize("path", ["/reservations", "/a//b", "/reservations/chd_1/x.y/2026-01#s3", "/factures?a=b"])
def test_a_page_of_this_site_may_be_gone_back_to(path: str) -> None:
    assert inside(path, "/") == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example",
        "evil",
        "",
        "/a\r\nSet-Cookie: x",
    ],
)
def test_nothing_else_may(path: str) -> None:
    assert inside(path, "/reservations") == "/reservations"


@pytest.mark.parametrize("path", ["/", "/connexion", "/nothing-there", "/static/preau.css", "/factures"])
async def test_every_answer_is_armoured(path: str, client: Client) -> None:
    answer = await client.get(path, allow_redirects=False)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


async def test_pages_are_never_kept_and_files_for_ever(client: Client) -> None:
    text = await (await client.get("/")).text()
    file = text.partition('href="/static/preau.css')[2].partition('"')[0]

    assert (await client.get("/")).headers["Cache-Control"] == "no-store"
    assert (await client.get(f"/static/preau.css{file}")).headers["Cache-Control"].endswith("immutable")
    assert (await client.get("/static/preau.css")).headers["Cache-Control"] == "no-cache"


async def test_with_https_the_cookie_is_bound_to_this_host(gateway: FakeGateway, database: Database) -> None:
    gateway.lay("POST", "/sessions", GRANTED, 201)
    gateway.lay("GET", "/me", PARENT)
    async with portal_before(gateway, database, MovableClock(), public_url="https://familles.example") as client:
        form, headers = {"email": "a@b.fr", "password": "x"}, {"Sec-Fetch-Site": "same-origin"}
        answer = await client.post("/connexion", data=form, headers=headers, allow_redirects=False)

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-preau=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"]


async def test_the_gateway_is_told_the_browsers_address_the_language_and_the_token(
    client: Client, gateway: FakeGateway, signed_in: str
) -> None:
    gateway.lay("GET", "/invoices", [])

    await client.get("/factures", headers={"Accept-Language": "en", "X-Forwarded-For": "203.0.113.9"})

    (asked,) = gateway.asked
    assert asked.headers["Authorization"] == "Bearer at-1"
    assert asked.headers["Accept-Language"] == "en"
    # Nobody is trusted to say so here: it is the peer's.
    assert asked.headers["X-Forwarded-For"] == "127.0.0.1"


async def test_behind_a_proxy_the_address_is_what_the_proxy_saw(gateway: FakeGateway, database: Database) -> None:
    async with portal_before(gateway, database, MovableClock(), trusted_hops=1) as client:
        await client.get("/", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})

    assert gateway.asked[0].headers["X-Forwarded-For"] == "203.0.113.9"


async def test_what_stands_in_an_address_cannot_change_what_is_asked(
    client: Client, gateway: FakeGateway, signed_in: str
) -> None:
    gateway.lay("GET", "/payments/..%2Finvoices%3Fa", {"status": 404}, 404)

    answer = await client.get("/payments/..%2Finvoices%3Fa")

    assert answer.status == 404
    assert [one.path for one in gateway.asked] == ["/payments/..%2Finvoices%3Fa"]
