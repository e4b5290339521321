"""What can be done with reservations: load, decide, save. One file per verb."""
