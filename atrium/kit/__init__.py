"""Small tools that know no word of the product: money, ids, time, limits, secrets, fetching."""
