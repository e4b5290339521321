"""Answers the loader as the services would, and writes down what it was asked."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from time import time
from typing import Any

from aiohttp import web

from deploy.sample.authenticator import code_of as code_of_app
from deploy.sample.authenticator import step_of
from deploy.sandbox.mail.inbox import Inbox

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

# What a parent may send back, and what the town's file says besides.
REGISTRABLE: dict[str, Any] = {
    "family_name": "Lefèvre",
    "guardians": [{"last_name": "Lefèvre"}],
    "children": [{"reference": "E0001", "first_name": "Jeanne", "last_name": "Lefèvre"}],
}
KNOWN = {
    **REGISTRABLE,
    "address": "",
    "guardians": [{"last_name": "Lefèvre", "phone": None}],
    "children": [{**REGISTRABLE["children"][0], "birth_date": "2018-03-14"}],
}


@dataclass
class FakeGateway:
    """Invites by real mails into `inbox`; forgets the first `late` uploads, as a service that hears late."""

    inbox: Inbox
    late: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[tuple[str, str, str]] = field(default_factory=list)
    settings: list[tuple[str, str, str]] = field(default_factory=list)
    registrations: list[dict[str, Any]] = field(default_factory=list)
    activations: list[dict[str, str]] = field(default_factory=list)
    invited: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=10_000_000)
        app.add_routes(
            [
                web.post("/api/v1/agent-registrations", self.activate),
                web.post("/api/v1/sessions", self.sign_in),
                web.post("/api/v1/me/totp", self.add_app),
                web.post("/api/v1/me/totp/confirmation", self.confirm_app),
                web.get("/api/v1/family-files", self.list_files),
                web.post("/api/v1/family-files/{id}/invitation", self.invite),
                web.post("/api/v1/invitations/lookup", self.look_up),
                web.post("/api/v1/registrations", self.register),
                web.post("/api/v1/{kind}-imports", self.take_upload),
                web.put("/api/v1/cash-offices/{office}/{subject}", self.take_settings),
            ]
        )
        return app

    async def activate(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.activations.append(asked)
        return web.json_response({"access_token": asked["email"]}, status=201)

    async def sign_in(self, request: web.Request) -> web.Response:
        return web.json_response({"access_token": (await request.json())["email"]}, status=201)

    async def add_app(self, _: web.Request) -> web.Response:
        return web.json_response({"secret": SECRET}, status=201)

    async def confirm_app(self, request: web.Request) -> web.Response:
        """The code of the half minute before, so that the present one is free for the next sign-in."""
        code = (await request.json())["code"]
        if code not in [code_of_app(SECRET, step_of(time()) - drift) for drift in (1, 2)]:
            return web.json_response({"title": "Code not right"}, status=422)
        email = request.headers["Authorization"].removeprefix("Bearer ")
        return web.json_response({"session": {"access_token": f"token of {email}"}}, status=201)

    async def take_upload(self, request: web.Request) -> web.Response:
        if self.late:
            self.late -= 1
            return web.json_response({"title": "Not found"}, status=404)
        kind, town = request.match_info["kind"], request.query["municipality_id"]
        body = await request.text()
        self.uploads.append((town, kind, request.headers["Authorization"]))
        if kind == "staff":
            for line in body.splitlines()[1:]:
                self._write(line.split(";")[0])
        return web.json_response({"created": body.count("\n"), "refused": self.refused}, status=201)

    async def take_settings(self, request: web.Request) -> web.Response:
        self.settings.append((request.match_info["office"], request.match_info["subject"], request.headers["If-Match"]))
        return web.json_response({})

    async def list_files(self, request: web.Request) -> web.Response:
        files = [{"family_file_id": f"ff_{number}", "reference": f"F{number:04}"} for number in (1, 2, 3)]
        return web.json_response({"items": files, "next_cursor": None})

    async def invite(self, request: web.Request) -> web.Response:
        file_id = request.match_info["id"]
        self.invited.append(file_id)
        emails = {"ff_1": "claire.lefevre", "ff_2": "nadia.benali"}
        self._write(f"{emails[file_id]}@messagerie.example")
        return web.json_response({}, status=201)

    async def look_up(self, request: web.Request) -> web.Response:
        return web.json_response({"kind": "family", "email": (await request.json())["email"], "household": KNOWN})

    async def register(self, request: web.Request) -> web.Response:
        self.registrations.append(await request.json())
        return web.json_response({}, status=201)

    def _write(self, email: str) -> None:
        mail = EmailMessage()
        mail["Subject"] = "Votre accès"
        mail.set_content(f"https://portail.example/createAccount?activationCode={code_of(email)}&email={email}\n")
        self.inbox.receive([email], mail.as_bytes())


def code_of(email: str) -> str:
    letters = [letter for letter in email.upper() if letter.isascii() and letter.isalpha()]
    return "".join(letters)[:10]


def codes_of(recorded: list[dict[str, Any]]) -> dict[str, str]:
    return {each["email"]: each["code"] for each in recorded}
