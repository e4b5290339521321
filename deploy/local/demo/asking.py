"""Step 9: a request with a mandatory document, and the town's answer in the history and by mail."""

from typing import Any

from deploy.local.demo.joining import agent
from deploy.local.demo.stage import Stage
from deploy.local.demo.story import TOWN, Story
from shared.ids import uuid7

CATEGORY = f"{TOWN}.personne-autorisee"
ANSWER = "C'est noté : cette personne peut venir chercher l'enfant."


async def file_request(stage: Stage, story: Story) -> None:
    parent = story.first.parent
    categories = await stage.call(parent, "GET", f"/request-categories?municipality_id={TOWN}")
    category = next(one for one in categories if one["category_id"] == CATEGORY)
    slot = next(one["slot"] for one in category["attachments"] if one["mandatory"])
    draft = {
        "category_id": CATEGORY,
        "child_id": story.first.child_id,
        "answers": {name: _answer(shape) for name, shape in category["form"]["properties"].items()},
    }
    request_id = (await stage.call(parent, "POST", "/requests", draft, status=201))["request_id"]
    refused = await stage.call(parent, "POST", f"/requests/{request_id}/submission", status=422, key=uuid7())
    stage.tell(f"refused: {refused['detail']} {[error['message'] for error in refused['errors']]}")
    path = f"/requests/{request_id}/attachments/{slot}"
    await stage.call(parent, "PUT", path, one_page_pdf(), media="application/pdf")
    filed = ("requests.request_filed.v1",)
    await stage.call(parent, "POST", f"/requests/{request_id}/submission", status=201, key=uuid7(), told=filed)
    await _answered(stage, story, request_id)


def _answer(shape: dict[str, Any]) -> Any:
    """Something the form accepts."""
    if "enum" in shape:
        return shape["enum"][0]
    if "oneOf" in shape:
        return shape["oneOf"][0]["const"]
    by_format = {"date": "2026-12-01", "email": "grand.mere@demo.example", "tel": "0639989999", "time": "16:30"}
    by_type = {"boolean": True, "integer": 1, "number": 1}
    return by_format.get(str(shape.get("format"))) or by_type.get(str(shape["type"]), "0639989999")


async def _answered(stage: Stage, story: Story, request_id: str) -> None:
    registrar = await agent(stage, story, TOWN, "registrar")
    body = {"decision": "accepted", "message": ANSWER}
    told = ("requests.request_answered.v1", "requests.answer_written.v1")
    await stage.call(registrar, "POST", f"/requests/{request_id}/answer", body, status=201, told=told)
    shown = await stage.call(story.first.parent, "GET", f"/requests/{request_id}")
    stage.insist(shown["state"] == "accepted", f"the history shows {shown['state']}")
    stage.insist(shown["history"][-1]["message"] == ANSWER, "the history shows the answer")
    mail = await stage.mail_to(story.first.email, "réponse")
    stage.insist(ANSWER in mail["text"], "the mail holds the answer")


def one_page_pdf() -> bytes:
    """A blank page, as small as a PDF gets."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    xref = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
    return body + xref + b"startxref\n%d\n%%%%EOF\n" % len(body)
