"""The JSON API under ``/api/v1``: every room's router under one roof.

Owns IdempotentRequest and the pieces each operation shares: who asks, how often, what a repeated
call answers, and one shape for every error. It decides nothing itself; the rooms' actions do.
"""
