"""Webhooks in the database: `webhooks` (secrets, state) and `deliveries` (what is on its way, and the log of it)."""
