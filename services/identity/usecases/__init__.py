"""What one can ask of identity: load, decide, save; one file per verb."""
