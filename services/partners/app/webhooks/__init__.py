"""Webhooks on the wire: the one client that calls addresses others chose, and the loop that feeds it."""
