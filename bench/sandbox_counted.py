"""``python -m bench.sandbox_counted waits`` ends well when nothing is on its way any more;
``compare`` looks everything up once more, as comes by the clock, and prints what disagrees.
"""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
    django.setup()
    from bench import sandbox_books

    done = {"waits": sandbox_books.nothing_waits, "compare": sandbox_books.compare}[sys.argv[1]]()
    sys.exit(0 if done else 1)
