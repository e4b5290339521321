"""What families, agents and other services can do here: load, decide, save; one file per verb."""
