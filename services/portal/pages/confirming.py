"""The link that confirms an e-mail address: of the log-in, or the second one."""

from aiohttp import web

from services.portal.api import Refusal, ask
from services.portal.forms import typed_in
from services.portal.views import page


async def show_link(request: web.Request) -> web.StreamResponse:
    """`/confirmEmail?token=…`: a page and not yet the effect, for programs that read mail follow links too."""
    return page(request, "confirm_email.html", token=request.query.get("token", ""), confirmed="")


async def confirm(request: web.Request) -> web.StreamResponse:
    token = (await typed_in(request)).get("token", "")
    try:
        done = await ask(request, "POST", "/email-confirmations", body={"token": token}, anonymous=True)
    except Refusal as refusal:
        shown = {"problem": refusal.problem, "token": "", "confirmed": ""}
        return page(request, "confirm_email.html", status=refusal.status, **shown)
    return page(request, "confirm_email.html", token="", confirmed=done["kind"])


ROUTES = [web.get("/confirmEmail", show_link), web.post("/confirmEmail", confirm)]
