"""Atrium: a self-hosted home for AI, where every use is metered and every cent accounted for."""
