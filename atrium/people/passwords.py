"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at 19 MiB, two passes, one lane.

    Django's 100 MiB for each try would let ten people who mistype take a gigabyte.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
