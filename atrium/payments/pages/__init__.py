"""What people see of payments, and where gateways knock."""
