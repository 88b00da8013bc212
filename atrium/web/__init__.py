"""The floor each page stands on: shell and parts, headers, refusals, guard, static files, logs.

Nouns: Room (an entry of the shell), Policy (who may open a route), Guard (what may come in).
Invariants: every route declares who may open it, or the process does not boot; every response
carries the security headers; every refusal is rendered in one place; no inline script or style.
"""
