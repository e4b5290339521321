"""What this installation hands to identity besides its settings: FranceConnect's secret, and the sites it registers."""

from collections.abc import Sequence
from typing import Any

from deploy.local.environment import FRANCECONNECT_SECRET, SISTER, Place, franceconnect_secret
from deploy.local.secrets import Secrets, write_privately
from services.identity.app import register_sites
from services.identity.domain.sites import SiteFile
from services.identity.settings import Settings


def write_secrets(place: Place, secrets: Secrets) -> None:
    """Before identity starts; the same content at every start."""
    write_privately(place.data / FRANCECONNECT_SECRET, franceconnect_secret(secrets).encode())


async def register(settings: Settings, place: Place, secrets: Secrets) -> None:
    """After identity's database is migrated; repeated it changes nothing."""
    files = [SiteFile.model_validate(one) for one in described(place, secrets)]
    if files:
        await register_sites(settings, files)


def described(place: Place, secrets: Secrets) -> Sequence[dict[str, Any]]:
    """The sites of this installation, as site.json files would have them; each derives its secret the same way."""
    return [make(place, site_secret(secrets, name)) for name, make in SITES.items() if name in place.ports]


def site_secret(secrets: Secrets, client_id: str) -> str:
    return secrets.of("site", client_id)


def _sister(place: Place, secret: str) -> dict[str, Any]:
    home = place.public(SISTER)
    return {
        "client_id": SISTER,
        "name": "Espace de paiement",
        "redirect_uris": [f"{home}/retour"],
        "post_logout_redirect_uris": [f"{home}/au-revoir"],
        "backchannel_logout_uri": f"{home}/fin-de-session",
        "scopes": ["openid", "profile", "email"],
        "secret": secret,
    }


# Port name and client id of a site that signs people in here: what makes its file, from place and secret.
SITES: dict[str, Any] = {SISTER: _sister}
