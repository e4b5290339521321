"""What editors do with the news of their town, and what families read of it."""
