"""Ways for a hint to get from one process to another: loopback, PostgreSQL, Redis."""
