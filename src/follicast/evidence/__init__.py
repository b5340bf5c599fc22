"""What is known, and the one reader of it."""
