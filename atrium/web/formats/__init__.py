"""How dates are written, where Django's own way does not stand well in our sentences."""
