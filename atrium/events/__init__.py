"""Facts and their tellings: what happened, who is told in the background, what browsers hear.

Owns RecordedEvent (a fact stored with the change that made it true; each listener gets it in a job
of its own), Stream and StreamEvent (what one caller's browsers are told, in order), and the hub
that holds the open streams of one web process.

Invariants: a stream's sequence has neither hole nor double, and its order is the order of commits,
because the number is taken under the stream row's own update and kept until the commit. A stored
event reaches each listener exactly once. Whispers are never stored and may be lost.
"""
