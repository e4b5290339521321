"""`GET /v3/dss/quotient_familial/identite` as API Particulier answers it: a quotient, or why there is none.

Everybody has a quotient here, made of their name. Birth names that play another part: INCONNU is in no file, PANNE
finds the file holder away, INTERDIT asks for more than the token allows. A test sets one with
`PUT /sandbox/quotients/{birth name}` and `{"value": 622}`.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping

from aiohttp import web

PATH = "/v3/dss/quotient_familial/identite"
TOKEN = "preau-sandbox-quotients"
NEEDED = ("recipient", "nomNaissance", "prenoms[]", "sexeEtatCivil", "anneeDateNaissance", "moisDateNaissance")
HIGHEST = 2400
SET = web.AppKey("quotients_set", dict)
REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "INCONNU": (404, "37003", "Dossier allocataire inexistant"),
    "PANNE": (503, "37999", "Erreur du fournisseur de données"),
    "INTERDIT": (403, "00100", "Privilèges insuffisants"),
}


def add_to(app: web.Application) -> None:
    """Give a site of the state this one too."""
    app[SET] = {}
    app.router.add_get(PATH, _by_identity)
    app.router.add_put("/sandbox/quotients/{name}", _set)


async def _by_identity(request: web.Request) -> web.Response:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given, TOKEN):
        return _error(401, "00101", "Votre jeton n'est pas valide")
    missing = [name for name in NEEDED if not request.query.get(name)]
    if missing:
        return _error(422, "00300", f"Paramètres manquants : {', '.join(missing)}")
    name = _plain(request.query["nomNaissance"])
    if name in REFUSALS:
        return _error(*REFUSALS[name])
    value = request.app[SET].get(name, int(hashlib.sha256(name.encode()).hexdigest(), 16) % HIGHEST)
    quotient = {"fournisseur": "CNAF", "valeur": value, "annee": 2026, "mois": 11}
    data = {"quotient_familial": quotient, "allocataires": [], "enfants": [], "adresse": {}}
    return web.json_response({"data": data, "links": {}, "meta": {}})


async def _set(request: web.Request) -> web.Response:
    request.app[SET][_plain(request.match_info["name"])] = int((await request.json())["value"])
    return web.Response(status=204)


def _error(status: int, code: str, title: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "title": title, "detail": title}]}, status=status)


def _plain(name: str) -> str:
    """Without accents, in capitals."""
    bare = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).upper()
