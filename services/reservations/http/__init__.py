"""The door for people: parse, use case, answer. One file per noun."""

from services.reservations.http import attendance, bookings, carts, closings, imports, months, programmes

ROUTES = [
    *programmes.ROUTES,
    *imports.ROUTES,
    *months.ROUTES,
    *carts.ROUTES,
    *bookings.ROUTES,
    *attendance.ROUTES,
    *closings.ROUTES,
]
