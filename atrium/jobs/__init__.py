"""What is to be done later, or takes long: the queue and those who work it off.

Nouns: Job (one thing to do, for whom, in which turn), Schedule (a job that comes by the clock),
Worker (a process that says it is alive).

Invariants: the row is the truth, a carrier only wakes somebody up. A job is enqueued in the
transaction of the change that caused it. Each claim raises the job's ``fence``, and nothing may be
written in a job's name under an older one: a worker that was stopped, forgotten and woken again
finds its writes refused. A short job's effects and its completion are one transaction, so they
happen once. Nobody keeps a person waiting by having more to do than they.
"""
