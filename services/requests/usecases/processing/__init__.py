"""What agents and families do with a filed request: load, decide, save; one file per verb."""
