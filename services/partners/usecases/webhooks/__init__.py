"""Webhooks: their secrets, what is on its way, and what is sent again."""
