"""The authorisation matrix: every route of the URL map, asked in every way by everybody.

What is let through is compared with ``table.txt``, which a person reads and judges.
``python -m tests.house.matrix`` prints what is not in it yet; with ``--write`` it writes it.
"""
