"""The mail server: takes every message, keeps the newest, shows them."""
