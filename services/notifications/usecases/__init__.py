"""What notifications does: keep copies, tell households, write mails, publish news."""
