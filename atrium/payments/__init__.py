"""What people pay with money, whatever for: from the checkout to the receipt, and back.

Owns Payment, Refund, Dispute, SavedMethod and WebhookEvent. A redirect or a webhook is a hint; only
what a gateway answers when asked (``gateways.protocol``) moves a state, in one place
(``learning``), by ranks: facts may come doubled, late and in any order. What was paid for is given
once, by the purpose that a room registered (``purposes``), in the same transaction.
"""
