"""What people may use for what they pay: plans with their subscriptions, and packages of credits.

Owns Plan, Allowance, AllowanceUse, Subscription and Period. Everybody has a plan: guests and
members who pay nothing have theirs without a subscription. A person has at most one live
subscription. We own its clock: gateways only take single payments. What is counted in a period is
found by the period's first moment, so nothing is reset by a job. What a payment can no longer give
is paid back.
"""
