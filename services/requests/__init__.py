"""Requests: categories with their forms, what families file, and what the town answers."""
