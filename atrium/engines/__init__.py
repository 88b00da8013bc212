"""Who can answer: providers and their models, with what each can do and what it costs.

Owns Provider and Model. Adapters stand behind ``protocol.Engine``; what is built in needs no key
and no network, and says what it is.
"""
