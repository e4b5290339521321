"""What stands on papers families get: every text ready to print, so that a template only lays it out."""
