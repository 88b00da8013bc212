"""Everything that can be done about plans; who renews them is the clock (``jobs``)."""
