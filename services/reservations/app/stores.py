"""Every store of the service, and what each group of use cases takes of them."""

from collections.abc import Callable

from services.reservations.store.carts import CartStore
from services.reservations.store.catalogue import CatalogueStore
from services.reservations.store.closings import ClosingStore
from services.reservations.store.custody import CustodyStore
from services.reservations.store.leases import LeaseStore
from services.reservations.store.orders import OrderStore
from services.reservations.store.places import PlaceStore
from services.reservations.store.prices import PriceStore
from services.reservations.store.roster import RosterStore
from services.reservations.store.sheets import SheetStore
from services.reservations.store.validations import ValidationStore
from services.reservations.store.waiting import WaitingStore
from services.reservations.usecases.books import Books
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.close_month import Office
from services.reservations.usecases.fill_cart import Shelf
from services.reservations.usecases.join_waiting_list import Hall
from services.reservations.usecases.mark_attendance import Door
from services.reservations.usecases.show_cart import Window
from services.reservations.usecases.show_month import Desk
from services.reservations.usecases.sweep import Broom
from shared.audit.trail import Trail
from shared.clock import Clock
from shared.former_households import FormerHouseholds
from shared.mongo import Database


class Stores:
    """Every document of the service, over one database. `wake` is told which collection has something to tell."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self.catalogue = CatalogueStore(db, wake)
        self.roster = RosterStore(db)
        self.former = FormerHouseholds(db)
        self.custody = CustodyStore(db)
        self.sheets = SheetStore(db, wake)
        self.places = PlaceStore(db)
        self.orders = OrderStore(db, wake)
        self.carts = CartStore(db)
        self.validations = ValidationStore(db)
        self.waiting = WaitingStore(db, wake)
        self.closings = ClosingStore(db, wake)
        self.prices = PriceStore(db)
        self.leases = LeaseStore(db)
        self.trail = Trail("reservations", db, wake)
        self.books = Books(
            sheets=self.sheets,
            places=self.places,
            waiting=self.waiting,
            closings=self.closings,
            orders=self.orders,
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

    def office(self, clock: Clock) -> Office:
        return Office(catalogue=self.catalogue, sheets=self.sheets, closings=self.closings, clock=clock)

    def broom(self, clock: Clock) -> Broom:
        return Broom(
            leases=self.leases,
            places=self.places,
            orders=self.orders,
            validations=self.validations,
            closings=self.closings,
            counter=self.counter(clock),
            office=self.office(clock),
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
            clock=clock,
        )

    def desk(self, clock: Clock) -> Desk:
        return Desk(
            catalogue=self.catalogue,
            roster=self.roster,
            carts=self.carts,
            sheets=self.sheets,
            places=self.places,
            prices=self.prices,
            waiting=self.waiting,
            clock=clock,
        )

    def hall(self, clock: Clock) -> Hall:
        return Hall(
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            places=self.places,
            waiting=self.waiting,
            clock=clock,
        )

    def door(self, clock: Clock) -> Door:
        return Door(
            catalogue=self.catalogue,
            roster=self.roster,
            sheets=self.sheets,
            closings=self.closings,
            clock=clock,
        )
