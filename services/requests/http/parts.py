"""What the handlers need, put into the application by `app.build`."""

import asyncio

from aiohttp import web

from services.requests.store import (
    AgentStore,
    CatalogueStore,
    FileStore,
    HouseholdStore,
    QuotaStore,
    RequestCounts,
    RequestLists,
    RequestStore,
    TemplateStore,
    TownStore,
)
from services.requests.store.category_drafts import CategoryDraftStore
from services.requests.store.editions import EditionStore
from services.requests.store.files.records import FileRecords
from services.requests.store.standing import StandingStore
from services.requests.usecases.edit_categories import Editing
from services.requests.usecases.receive_file import Intake
from services.requests.usecases.reception import Reception
from services.requests.usecases.verify_documents import Counter
from shared.former_households import FormerHouseholds

AGENTS = web.AppKey("agents", AgentStore)
CATALOGUES_OF_TOWNS = web.AppKey("catalogues_of_towns", CatalogueStore)
COUNTER = web.AppKey("counter", Counter)
COUNTS = web.AppKey("counts", RequestCounts)
FILE_RECORDS = web.AppKey("file_records", FileRecords)
FILES = web.AppKey("files", FileStore)
FORMER = web.AppKey("former", FormerHouseholds)
HOUSEHOLDS = web.AppKey("households", HouseholdStore)
INTAKE = web.AppKey("intake", Intake)
SCANS_DUE = web.AppKey("scans_due", asyncio.Event)
DRAFTS_OF_CATEGORIES = web.AppKey("drafts_of_categories", CategoryDraftStore)
EDITING = web.AppKey("editing", Editing)
EDITIONS = web.AppKey("editions", EditionStore)
LISTS = web.AppKey("lists", RequestLists)
RECEPTION = web.AppKey("reception", Reception)
STANDINGS = web.AppKey("standings", StandingStore)
QUOTAS = web.AppKey("quotas", QuotaStore)
REQUESTS = web.AppKey("requests", RequestStore)
TEMPLATES = web.AppKey("templates", TemplateStore)
TOWNS = web.AppKey("towns", TownStore)
