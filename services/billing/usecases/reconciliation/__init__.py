"""Holding statements from outside against the books."""
