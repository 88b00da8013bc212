"""Check that a line of your statement stands in the books: python3 check.py proof.json [head]"""

import hashlib
import json
import sys
from pathlib import Path


def hash_of(kind: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(kind + b"".join(parts)).digest()


def text(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def main(path: str, known: str = "") -> str:
    proof = json.loads(Path(path).read_text())
    legs = [
        hash_of(b"\2", text(leg["leg"])).hex() if "leg" in leg else leg["hash"]
        for leg in proof["legs"]
    ]
    node = hash_of(b"\0", text({**proof["entry"], "legs": legs}))
    for step in proof["path"]:
        pair = (bytes.fromhex(step["hash"]), node)
        node = hash_of(b"\1", *(pair if step["side"] == "left" else pair[::-1]))
    head = proof["before"]
    for day in ({"date": proof["date"], "root": node.hex()}, *proof["after"]):
        head = hash_of(b"\3", text({"before": head, **day})).hex()
    if head != proof["head"]:
        sys.exit("This proof does not hold: something in it was changed.")
    if known and head != known:
        sys.exit("This proof holds for other books than those whose head you gave.")
    shown = (leg["leg"] for leg in proof["legs"] if "leg" in leg)
    moved = "; ".join(f"{leg['amount']} {leg['asset']} ({leg['purpose']})" for leg in shown)
    return f"Entry {proof['entry']['number']} holds: {moved}.\nThe head of the books is {head}.\n"


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:3]))
