"""What the handlers need, put into the application by `app.build`."""

from aiohttp import web

from services.requests.store import (
    CatalogueStore,
    FileStore,
    HouseholdStore,
    QuotaStore,
    RequestLists,
    RequestStore,
    TownStore,
)
from services.requests.usecases.inspections import Inspections
from shared.former_households import FormerHouseholds

CATALOGUES_OF_TOWNS = web.AppKey("catalogues_of_towns", CatalogueStore)
FILES = web.AppKey("files", FileStore)
FORMER = web.AppKey("former", FormerHouseholds)
HOUSEHOLDS = web.AppKey("households", HouseholdStore)
INSPECTIONS = web.AppKey("inspections", Inspections)
LISTS = web.AppKey("lists", RequestLists)
QUOTAS = web.AppKey("quotas", QuotaStore)
REQUESTS = web.AppKey("requests", RequestStore)
TOWNS = web.AppKey("towns", TownStore)
