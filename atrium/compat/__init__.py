"""The protocol that other clients speak to models: OpenAI's, under ``/v1``, with Atrium's keys.

Owns Call. Bare ASGI beside Django's handler. Each call is held, made and settled as one on a page
is; whoever leaves ends it at the provider, and pays for what was written to them; what a dead
process was answering is charged for what it had written down as delivered, which is a second old
at most.
"""
