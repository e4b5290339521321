"""Where handlers find the parts `app.build` put together."""

from aiohttp import web

from services.reservations.store.agent_bookings import AgentBookingStore
from services.reservations.store.carts import CartStore
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.closings import ClosingStore
from services.reservations.store.disruptions import DisruptionStore
from services.reservations.store.enrolments import EnrolmentStore
from services.reservations.store.heads import HeadStore
from services.reservations.store.meal_orders import MealOrderStore
from services.reservations.store.orders import OrderStore
from services.reservations.store.reminders import ReminderStore
from services.reservations.store.roster import RosterStore
from services.reservations.store.sheets import SheetStore
from services.reservations.store.simulations import SimulationStore
from services.reservations.store.usual_weeks import UsualWeekStore
from services.reservations.store.waiting import WaitingStore
from services.reservations.usecases.answer_offer import Lectern
from services.reservations.usecases.book_on_behalf import Bureau
from services.reservations.usecases.books import Books
from services.reservations.usecases.calendar_feeds import Rack
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.close_month import Office
from services.reservations.usecases.decide_requests import Docket
from services.reservations.usecases.disrupt import Crisis
from services.reservations.usecases.edit_calendar import Almanac
from services.reservations.usecases.enrol import Registry
from services.reservations.usecases.fill_cart import Shelf
from services.reservations.usecases.join_waiting_list import Hall
from services.reservations.usecases.keep_lists import Ledger
from services.reservations.usecases.list_day import Porch
from services.reservations.usecases.mark_attendance import Door
from services.reservations.usecases.regulations import Drafting
from services.reservations.usecases.report_absence import Hotline
from services.reservations.usecases.show_cart import Window
from services.reservations.usecases.show_month import Desk
from services.reservations.usecases.simulate import Laboratory
from services.reservations.usecases.use_week_link import Letterbox
from shared.former_households import FormerHouseholds

CATALOGUE: web.AppKey[CatalogueStore] = web.AppKey("catalogue", CatalogueStore)
ROSTER: web.AppKey[RosterStore] = web.AppKey("roster", RosterStore)
FORMER: web.AppKey[FormerHouseholds] = web.AppKey("former", FormerHouseholds)
DISRUPTIONS: web.AppKey[DisruptionStore] = web.AppKey("disruptions", DisruptionStore)
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
PORCH: web.AppKey[Porch] = web.AppKey("porch", Porch)
WAITING: web.AppKey[WaitingStore] = web.AppKey("waiting", WaitingStore)
BUREAU: web.AppKey[Bureau] = web.AppKey("bureau", Bureau)
AGENT_BOOKINGS: web.AppKey[AgentBookingStore] = web.AppKey("agent_bookings", AgentBookingStore)
HEADS: web.AppKey[HeadStore] = web.AppKey("heads", HeadStore)
MEAL_ORDERS: web.AppKey[MealOrderStore] = web.AppKey("meal_orders", MealOrderStore)
DOCKET: web.AppKey[Docket] = web.AppKey("docket", Docket)
CRISIS: web.AppKey[Crisis] = web.AppKey("crisis", Crisis)
HOTLINE: web.AppKey[Hotline] = web.AppKey("hotline", Hotline)
OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
USUAL_WEEKS: web.AppKey[UsualWeekStore] = web.AppKey("usual_weeks", UsualWeekStore)
REMINDERS: web.AppKey[ReminderStore] = web.AppKey("reminders", ReminderStore)
LETTERBOX: web.AppKey[Letterbox] = web.AppKey("letterbox", Letterbox)
LABORATORY: web.AppKey[Laboratory] = web.AppKey("laboratory", Laboratory)
SIMULATIONS: web.AppKey[SimulationStore] = web.AppKey("simulations", SimulationStore)
DRAFTING: web.AppKey[Drafting] = web.AppKey("drafting", Drafting)
RACK: web.AppKey[Rack] = web.AppKey("rack", Rack)
PUBLIC_URL: web.AppKey[str] = web.AppKey("public_url", str)
ALMANAC: web.AppKey[Almanac] = web.AppKey("almanac", Almanac)
ENROLMENTS: web.AppKey[EnrolmentStore] = web.AppKey("enrolments", EnrolmentStore)
REGISTRY: web.AppKey[Registry] = web.AppKey("registry", Registry)
LECTERN: web.AppKey[Lectern] = web.AppKey("lectern", Lectern)
LEDGER: web.AppKey[Ledger] = web.AppKey("ledger", Ledger)
