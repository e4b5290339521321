"""The parts that categories and their editing take."""

from aiohttp import web

from services.requests.http import parts
from services.requests.store.category_drafts import CategoryDraftStore
from services.requests.store.editions import EditionStore
from services.requests.store.standing import StandingStore
from services.requests.usecases.edit_categories import Editing
from services.requests.usecases.reception import Reception
from shared.mongo import Database
from shared.web import CLOCK


def add_catalogue(app: web.Application, db: Database) -> None:
    """After the stores of categories, households and towns."""
    drafts = app[parts.DRAFTS_OF_CATEGORIES] = CategoryDraftStore(db)
    editions = app[parts.EDITIONS] = EditionStore(db)
    standings = app[parts.STANDINGS] = StandingStore(db)
    clock = app[CLOCK]
    app[parts.EDITING] = Editing(
        catalogues=app[parts.CATALOGUES_OF_TOWNS], editions=editions, drafts=drafts, clock=clock
    )
    app[parts.RECEPTION] = Reception(
        standings=standings, households=app[parts.HOUSEHOLDS], towns=app[parts.TOWNS], clock=clock
    )
