"""Every store of the service, and what each group of use cases takes of them."""

from collections.abc import Callable
from datetime import timedelta

from services.reservations.store.agent_bookings import AgentBookingStore
from services.reservations.store.booked_days import BookedDays
from services.reservations.store.carts import CartStore
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.closings import ClosingStore
from services.reservations.store.custody import CustodyStore
from services.reservations.store.disruptions import DisruptionStore
from services.reservations.store.enrolments import EnrolmentStore
from services.reservations.store.feeds import FeedStore
from services.reservations.store.heads import HeadStore
from services.reservations.store.kept_places import KeptPlaces
from services.reservations.store.leases import LeaseStore
from services.reservations.store.meal_orders import MealOrderStore
from services.reservations.store.orders import OrderStore
from services.reservations.store.pages import PageStore
from services.reservations.store.past_days import PastDays
from services.reservations.store.places import PlaceStore
from services.reservations.store.prices import PriceStore
from services.reservations.store.regulations import RegulationStore
from services.reservations.store.reminders import EnrolledPages, GuardRounds, ReminderStore
from services.reservations.store.roster import RosterStore
from services.reservations.store.sheet_pages import SheetPages
from services.reservations.store.sheets import SheetStore
from services.reservations.store.simulations import SimulationStore
from services.reservations.store.suspensions import SuspensionStore
from services.reservations.store.usual_weeks import UsualWeekStore
from services.reservations.store.validations import ValidationStore
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
from services.reservations.usecases.guard_weeks import Watch
from services.reservations.usecases.join_waiting_list import Hall
from services.reservations.usecases.keep_lists import Ledger
from services.reservations.usecases.list_day import Porch
from services.reservations.usecases.mark_attendance import Door
from services.reservations.usecases.offer_places import Bench
from services.reservations.usecases.order_meals import Kitchen
from services.reservations.usecases.regulations import Drafting
from services.reservations.usecases.report_absence import Hotline
from services.reservations.usecases.show_cart import Window
from services.reservations.usecases.show_month import Desk
from services.reservations.usecases.simulate import Laboratory
from services.reservations.usecases.sweep import Broom
from services.reservations.usecases.use_week_link import Letterbox
from shared.audit.trail import Trail
from shared.clock import Clock
from shared.former_households import FormerHouseholds
from shared.mongo import Database


class Stores:
    """Every document of the service, over one database. `wake` is told which collection has something to tell."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self.catalogue = CatalogueStore(db, wake)
        self.regulations = RegulationStore(db)
        self.past_days = PastDays(db)
        self.simulations = SimulationStore(db)
        self.roster = RosterStore(db, wake)
        self.former = FormerHouseholds(db)
        self.custody = CustodyStore(db)
        self.sheets = SheetStore(db, wake)
        self.heads = HeadStore(db)
        self.agent_bookings = AgentBookingStore(db)
        self.meal_orders = MealOrderStore(db, wake)
        self.places = PlaceStore(db, catalogue=self.catalogue)
        self.kept = KeptPlaces(db)
        self.orders = OrderStore(db, wake)
        self.carts = CartStore(db)
        self.validations = ValidationStore(db)
        self.waiting = WaitingStore(db, wake)
        self.closings = ClosingStore(db, wake)
        self.prices = PriceStore(db)
        self.pages = PageStore(db, self.roster)
        self.leases = LeaseStore(db)
        self.feeds = FeedStore(db)
        self.usual_weeks = UsualWeekStore(db)
        self.reminders = ReminderStore(db, wake)
        self.guard_rounds = GuardRounds(db)
        self.enrolled_pages = EnrolledPages(db)
        self.booked_days = BookedDays(db)
        self.enrolments = EnrolmentStore(db)
        self.sheet_pages = SheetPages(db)
        self.disruptions = DisruptionStore(db, wake)
        self.suspensions = SuspensionStore(db, self.catalogue.forget)
        self.trail = Trail("reservations", db, wake)
        self.books = Books(
            sheets=self.sheets,
            places=self.places,
            waiting=self.waiting,
            closings=self.closings,
            orders=self.orders,
        )

    def bench(self, clock: Clock) -> Bench:
        return Bench(
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            places=self.places,
            kept=self.kept,
            waiting=self.waiting,
            clock=clock,
        )

    def crisis(self, clock: Clock) -> Crisis:
        return Crisis(
            catalogue=self.catalogue,
            roster=self.roster,
            pages=self.sheet_pages,
            disruptions=self.disruptions,
            suspensions=self.suspensions,
            books=self.books,
            bench=self.bench(clock),
            clock=clock,
        )

    def hotline(self, clock: Clock) -> Hotline:
        return Hotline(catalogue=self.catalogue, roster=self.roster, sheets=self.sheets, clock=clock)

    def lectern(self, clock: Clock) -> Lectern:
        return Lectern(offers=self.waiting, names=self.roster, books=self.books, bench=self.bench(clock))

    def ledger(self, clock: Clock) -> Ledger:
        return Ledger(entries=self.waiting, names=self.roster, kept=self.kept, bench=self.bench(clock))

    def laboratory(self, clock: Clock) -> Laboratory:
        return Laboratory(
            catalogue=self.catalogue,
            regulations=self.regulations,
            pasts=self.past_days,
            simulations=self.simulations,
            clock=clock,
        )

    def drafting(self, clock: Clock) -> Drafting:
        return Drafting(catalogue=self.catalogue, regulations=self.regulations, clock=clock)

    def almanac(self, clock: Clock) -> Almanac:
        return Almanac(catalogue=self.catalogue, booked=self.booked_days, roster=self.roster, clock=clock)

    def registry(self, clock: Clock) -> Registry:
        return Registry(
            catalogue=self.catalogue,
            roster=self.roster,
            enrolments=self.enrolments,
            booked=self.booked_days,
            clock=clock,
        )

    def counter(self, clock: Clock) -> Counter:
        return Counter(
            carts=self.carts,
            validations=self.validations,
            catalogue=self.catalogue,
            roster=self.roster,
            books=self.books,
            clock=clock,
        )

    def rack(self, clock: Clock) -> Rack:
        return Rack(
            feeds=self.feeds,
            former=self.former,
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            clock=clock,
        )

    def watch(self, clock: Clock, lead: timedelta) -> Watch:
        return Watch(
            leases=self.leases,
            rounds=self.guard_rounds,
            catalogue=self.catalogue,
            enrolled=self.enrolled_pages,
            names=self.roster,
            sheets=self.sheets,
            weeks=self.usual_weeks,
            reminders=self.reminders,
            clock=clock,
            lead=lead,
        )

    def letterbox(self, clock: Clock) -> Letterbox:
        return Letterbox(reminders=self.reminders, catalogue=self.catalogue, roster=self.roster, clock=clock)

    def docket(self, clock: Clock) -> Docket:
        return Docket(catalogue=self.catalogue, roster=self.roster, lists=self.sheets, books=self.books, clock=clock)

    def office(self, clock: Clock) -> Office:
        return Office(catalogue=self.catalogue, sheets=self.sheets, closings=self.closings, clock=clock)

    def broom(self, clock: Clock) -> Broom:
        return Broom(
            places=self.places,
            orders=self.orders,
            validations=self.validations,
            closings=self.closings,
            counter=self.counter(clock),
            office=self.office(clock),
            bench=self.bench(clock),
            disruptions=self.disruptions,
            crisis=self.crisis(clock),
        )

    def shelf(self, clock: Clock) -> Shelf:
        return Shelf(
            carts=self.carts,
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            places=self.places,
            clock=clock,
        )

    def window(self, clock: Clock) -> Window:
        return Window(
            carts=self.carts,
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            places=self.places,
            prices=self.prices,
            orders=self.orders,
            clock=clock,
        )

    def desk(self, clock: Clock) -> Desk:
        return Desk(
            catalogue=self.catalogue,
            roster=self.roster,
            pages=self.pages,
            sheets=self.sheets,
            places=self.places,
            waiting=self.waiting,
            clock=clock,
        )

    def hall(self, clock: Clock) -> Hall:
        return Hall(
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            places=self.places,
            kept=self.kept,
            waiting=self.waiting,
            clock=clock,
        )

    def bureau(self, clock: Clock) -> Bureau:
        return Bureau(
            counter=self.counter(clock), registry=self.registry(clock), roster=self.roster, acts=self.agent_bookings
        )

    def kitchen(self, clock: Clock) -> Kitchen:
        return Kitchen(catalogue=self.catalogue, heads=self.heads, orders=self.meal_orders, clock=clock)

    def porch(self, clock: Clock) -> Porch:
        return Porch(
            catalogue=self.catalogue, heads=self.heads, roster=self.roster, closings=self.closings, clock=clock
        )

    def door(self, clock: Clock) -> Door:
        return Door(
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            heads=self.heads,
            closings=self.closings,
            clock=clock,
        )
