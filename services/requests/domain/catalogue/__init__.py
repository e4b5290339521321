"""What a category says beside its form: for whom it is, how it is shown, how it is edited."""
