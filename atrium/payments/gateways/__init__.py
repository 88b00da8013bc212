"""Who moves the money: one adapter for each gateway, all behind ``protocol``."""
