"""The limit: SKIP LOCKED, NOTIFY and nothing else: ``python -m bench.jobs_bare FILE N DSN``.

No owners, turns, priorities, retries, leases or fences; insert, claim and end commit one by one.
"""

import multiprocessing
import sys
import time

import psycopg

from bench.probe import Probe, measure

WORKERS = 2
CLAIM = """
    UPDATE bare SET state = 1 WHERE id = (
        SELECT id FROM bare WHERE state = 0 ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
    ) RETURNING id, sent
"""
ASK = "WITH asked AS (INSERT INTO bare (sent) VALUES (%s)) SELECT pg_notify('bare', '')"


def work(path: str, dsn: str) -> None:
    probe = Probe(path)
    line = psycopg.connect(dsn, autocommit=True, prepare_threshold=1)
    line.execute("LISTEN bare")
    while True:
        found = line.execute(CLAIM).fetchone()
        if found:
            probe.mark(found[1])
            line.execute("UPDATE bare SET state = 2 WHERE id = %s", (found[0],))
        else:
            for _hint in line.notifies(timeout=1, stop_after=1):
                pass


def main(path: str, jobs: int, dsn: str) -> None:
    line = psycopg.connect(dsn, autocommit=True, prepare_threshold=1)
    line.execute("DROP TABLE IF EXISTS bare")
    line.execute(
        "CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " state smallint NOT NULL DEFAULT 0, sent double precision NOT NULL)"
    )
    line.execute("CREATE INDEX bare_ready ON bare (id) WHERE state = 0")
    workers = [
        multiprocessing.Process(target=work, args=(path, dsn), daemon=True)
        for _worker in range(WORKERS)
    ]
    for worker in workers:
        worker.start()

    def settle() -> None:
        while line.execute("SELECT 1 FROM bare WHERE state < 2 LIMIT 1").fetchone():
            time.sleep(0.005)

    measure(lambda sent: line.execute(ASK, (sent,)), Probe(path), jobs=jobs, settle=settle)
    for worker in workers:
        worker.terminate()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
