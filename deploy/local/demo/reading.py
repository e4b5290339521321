"""Step 10: a news item, seen by the families of its town and by no other."""

from deploy.local.demo.joining import agent
from deploy.local.demo.stage import Stage
from deploy.local.demo.story import TOWN, Story


async def publish_news(stage: Stage, story: Story) -> None:
    editor = await agent(stage, story, TOWN, "editor")
    item = {
        "municipality_id": TOWN,
        "title": f"La cantine fête le printemps ({story.first.reference})",
        "category": "Information",
        "body": "<p>Menu spécial :</p><ul><li>soupe</li><li>tarte</li></ul>",
    }
    published = await stage.call(editor, "POST", "/news", item, status=201, told=("notifications.news_published.v1",))
    here = await stage.call(story.first.parent, "GET", "/news")
    there = await stage.call(story.elsewhere.parent, "GET", "/news")
    stage.insist(_shows(here, published["news_id"]), "families of the town see the news")
    stage.insist(not _shows(there, published["news_id"]), "families of the other town do not")
    stage.tell(f"{story.first.name} ({TOWN}) sees it; {story.elsewhere.name} ({story.elsewhere.town}) does not")


def _shows(page: dict[str, list[dict[str, str]]], news_id: str) -> bool:
    return any(item["news_id"] == news_id for item in page["items"])
