"""The rules of billing: frozen values and pure functions; no await, no clock, no driver."""
