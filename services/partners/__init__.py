"""Partners' own systems: what happens in a town, told to them, as much as each is meant to know."""
