"""What billing does: load, decide, save; one verb per file."""
