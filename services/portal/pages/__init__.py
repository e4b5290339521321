"""One file per page or form."""
