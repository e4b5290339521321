"""Two invented towns, as files a town hall would upload, and how to load them."""
