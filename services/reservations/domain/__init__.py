"""The rules of reservations: frozen data and pure functions; no await, no clock, no driver."""
