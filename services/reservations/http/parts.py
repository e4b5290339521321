"""Where handlers find the parts `app.build` put together."""

from aiohttp import web

from services.reservations.store.carts import CartStore
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.closings import ClosingStore
from services.reservations.store.orders import OrderStore
from services.reservations.store.roster import RosterStore
from services.reservations.store.sheets import SheetStore
from services.reservations.usecases.books import Books
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.close_month import Office
from services.reservations.usecases.fill_cart import Shelf
from services.reservations.usecases.join_waiting_list import Hall
from services.reservations.usecases.mark_attendance import Door
from services.reservations.usecases.show_cart import Window
from services.reservations.usecases.show_month import Desk
from shared.former_households import FormerHouseholds

CATALOGUE: web.AppKey[CatalogueStore] = web.AppKey("catalogue", CatalogueStore)
ROSTER: web.AppKey[RosterStore] = web.AppKey("roster", RosterStore)
FORMER: web.AppKey[FormerHouseholds] = web.AppKey("former", FormerHouseholds)
CARTS: web.AppKey[CartStore] = web.AppKey("carts", CartStore)
SHEETS: web.AppKey[SheetStore] = web.AppKey("sheets", SheetStore)
ORDERS: web.AppKey[OrderStore] = web.AppKey("orders", OrderStore)
CLOSINGS: web.AppKey[ClosingStore] = web.AppKey("closings", ClosingStore)
BOOKS: web.AppKey[Books] = web.AppKey("books", Books)
SHELF: web.AppKey[Shelf] = web.AppKey("shelf", Shelf)
WINDOW: web.AppKey[Window] = web.AppKey("window", Window)
COUNTER: web.AppKey[Counter] = web.AppKey("counter", Counter)
DESK: web.AppKey[Desk] = web.AppKey("desk", Desk)
HALL: web.AppKey[Hall] = web.AppKey("hall", Hall)
DOOR: web.AppKey[Door] = web.AppKey("door", Door)
OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
