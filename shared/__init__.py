"""What at least two services need and no business noun owns."""
