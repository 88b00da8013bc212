"""The door (sign up, in and out, the first administrator's welcome) and a person's settings."""
