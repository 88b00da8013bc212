"""A copy of everything that is somebody's, and the end of it.

Owns ``Export`` (one zip, made by a job) and ``Erasure`` (a person leaves, after a time to think; a
guest at once). What is told and what becomes of it each room says itself in its ``personal.py``.
An export holds no secret and nobody else's words; whoever makes one of another person breaks glass:
with a reason that is audited and that the person reads.
"""
