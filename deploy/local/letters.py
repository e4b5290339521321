"""What mails are signed with on their way out, and where they come back to."""

import base64

from deploy.local.secrets import Secrets

RETURNS = "retours@preau.example"
BOUNCES = "/api/v1/mail-bounces"


def of_letters(secrets: Secrets) -> dict[str, str]:
    """For the service that writes them; with what push services know this installation by."""
    vapid = base64.urlsafe_b64encode(bytes.fromhex(secrets.of("notifications", "vapid key"))).rstrip(b"=").decode()
    return {
        "SIGNING_KEY": secrets.of("notifications", "signing key"),
        "VAPID_PRIVATE_KEY": vapid,
        "VAPID_SUBJECT": f"mailto:{RETURNS}",
        "BOUNCE_ADDRESS": RETURNS,
        "BOUNCE_SECRET": _bounce_secret(secrets),
    }


def of_bounces(gateway: str, secrets: Secrets) -> dict[str, str]:
    """For the stand-in mail server that returns them."""
    return {"BOUNCES_URL": gateway + BOUNCES, "BOUNCE_SECRET": _bounce_secret(secrets)}


def _bounce_secret(secrets: Secrets) -> str:
    return secrets.of("notifications", "bounces")
