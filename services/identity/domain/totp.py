"""Codes of an authenticator app (RFC 6238): six digits that change every 30 seconds."""

import hmac
import io
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
# A phone's clock may be a step behind or ahead.
DRIFT_STEPS = (0, -1, 1)


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30 seconds this code belongs to, among the present ones and their neighbours."""
    typed, present = "".join(code.split()), int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    for drift in DRIFT_STEPS:
        shown = app.generate_otp(present + drift)
        if hmac.compare_digest(shown.encode(), typed.encode()):
            return present + drift
    return None


def provisioning_uri(secret: str, email: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Préau")


def qr_svg(uri: str) -> str:
    """A picture of it, black on white, without a style or a script of its own."""
    drawn = io.BytesIO()
    # Without a size of its own it fits wherever it is put, whole.
    segno.make(uri, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, light="#fff", nl=False)
    return drawn.getvalue().decode()
