"""Calls around the news of a town: what editors write and join, what families read."""

import io
from collections.abc import Mapping

from PIL import Image

from deploy.local.demo.asking import one_page_pdf
from tests.security.call import PDF, TOWN, Call, Make, fixed
from tests.security.world import World

JPEG = "image/jpeg"
WORDS = {"title": "Fermeture", "category": "Information", "body": "<p>Lundi</p>"}
# Nobody is told: what follows from an article would otherwise still be on its way while other calls are looked at.
ARTICLE = {**TOWN, **WORDS, "ways": []}


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return out.getvalue()


async def _written(world: World, *, draft: bool) -> str:
    made = await world.aurore.manager.post("/news", {**ARTICLE, "draft": draft})
    return str(made["news_id"])


async def _draft(world: World) -> Call:
    return Call(ids={"news_id": await _written(world, draft=True)}, names=True)


async def _out(world: World) -> Call:
    return Call(ids={"news_id": await _written(world, draft=False)})


async def _edit(world: World) -> Call:
    ids = {"news_id": await _written(world, draft=True)}
    return Call(ids=ids, body=WORDS, headers={"If_Match": "*"}, names=True)


async def _picture(world: World) -> Call:
    ids = {"news_id": await _written(world, draft=True)}
    return Call(ids=ids, query={"alt": "La cour"}, content=_jpeg(), media=JPEG, names=True)


async def _document(world: World) -> Call:
    ids = {"news_id": await _written(world, draft=True)}
    return Call(ids=ids, query={"name": "menu.pdf"}, content=one_page_pdf(), media=PDF, names=True)


async def _joined(world: World, *, draft: bool) -> tuple[str, str, str]:
    news_id = await _written(world, draft=draft)
    manager = world.aurore.manager
    await manager.ask("POST", f"/news/{news_id}/pictures?alt=La%20cour", _jpeg(), media=JPEG)
    made = (await manager.ask("POST", f"/news/{news_id}/documents?name=menu.pdf", one_page_pdf(), media=PDF)).json
    return news_id, made["pictures"][0]["picture_id"], made["documents"][0]["document_id"]


async def _shown_picture(world: World) -> Call:
    news_id, picture_id, _ = await _joined(world, draft=False)
    return Call(ids={"news_id": news_id, "file_id": picture_id})


async def _shown_document(world: World) -> Call:
    news_id, _, document_id = await _joined(world, draft=False)
    return Call(ids={"news_id": news_id, "file_id": document_id})


async def _removed(world: World) -> Call:
    news_id, picture_id, _ = await _joined(world, draft=True)
    return Call(ids={"news_id": news_id, "file_id": picture_id}, names=True)


ONE = "/api/v1/news/{news_id}"
NEWS_CALLS: Mapping[str, Make] = {
    f"GET {ONE}": _out,
    # An article that is nobody's: any family of the town may mark those of the town.
    f"POST {ONE}/reads": fixed(ids={"news_id": "nws_0"}),
    f"PUT {ONE}": _edit,
    f"POST {ONE}/publication": _draft,
    f"POST {ONE}/withdrawal": _draft,
    f"POST {ONE}/pictures": _picture,
    f"GET {ONE}/pictures/{{file_id}}": _shown_picture,
    f"POST {ONE}/documents": _document,
    f"GET {ONE}/documents/{{file_id}}": _shown_document,
    f"DELETE {ONE}/files/{{file_id}}": _removed,
    "GET /api/v1/news-desk": fixed(query=TOWN, names=True),
    "GET /api/v1/news-desk/{news_id}": _draft,
}
