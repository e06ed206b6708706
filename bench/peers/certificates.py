"""What is measured of everybody who makes certificates: how many a second, in one process, and their size.

Run as `peer.py FACTS COUNT`; it prints one line of JSON.
"""

import json
import sys
import time


def measure(make):
    """`make` takes the facts of a certificate and gives its PDF."""
    with open(sys.argv[1], encoding="utf-8") as file:
        facts = json.load(file)
    count = int(sys.argv[2])
    # The first pays for what is read once.
    size = len(make(facts))
    begun = time.perf_counter()
    for number in range(count):
        make({**facts, "person": f"{facts['person']} {number}"})
    print(json.dumps({"rate": count / (time.perf_counter() - begun), "bytes": size}))
