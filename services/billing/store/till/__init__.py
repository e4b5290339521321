"""MongoDB documents of the till."""
