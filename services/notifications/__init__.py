"""What families read: e-mails, messages in their space, news of their towns."""
