"""The published language, as committed files: what changes within a version may only add."""
