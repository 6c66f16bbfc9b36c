#!/usr/bin/env python3
"""How much faster the parallel part of a check is on two threads than on one.

    cargo build --release
    python3 benches/threads.py target/release/admit FILE STATE_DIR [PAIRS]

FILE is a contacts file of a cached org: `admit org pull` keeps it in STATE_DIR, and the address it
was pulled from stands in SF_INSTANCE_URL (nobody has to answer there). Checks on one thread and on
two alternate, five pairs unless said; the time is `validating` of summary.json, which also holds
the dealing that is never parallel. Fails when any file differs but the three that hold times.
Budget: the median ratio is at least 1.6. Standard library only.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile


def check(words, out, threads):
    command = [words[0], "check", words[1], "--state-dir", words[2], "--offline",
               "--standard-profiles", "allowed", "--threads", str(threads), "--out", str(out)]
    environment = {**os.environ, "SF_ACCESS_TOKEN": "nobody-asks"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(done.stderr)
    return json.loads((out / "summary.json").read_text())["timings_s"]["validating"]


def files(out):
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): path.read_bytes() for path in paths
            if path.name not in ("summary.json", "journal.jsonl", "run.log")}


def main():
    words, pairs = sys.argv[1:4], int((sys.argv[4:] or ["5"])[0])
    ratios = []
    for _ in range(pairs):
        with tempfile.TemporaryDirectory() as folder:
            outs = [pathlib.Path(folder, name) for name in ("one", "two")]
            one, two = (check(words, out, 1 + place) for place, out in enumerate(outs))
            same = files(outs[0]) == files(outs[1])
        ratios.append(one / two)
        print(f"one thread {one:.3f} s, two {two:.3f} s, ratio {one / two:.2f}, "
              f"{'same bytes' if same else 'OTHER BYTES'}", flush=True)
        if not same:
            sys.exit(1)
    print(f"median ratio {statistics.median(ratios):.2f} "
          f"[{min(ratios):.2f}-{max(ratios):.2f}], {pairs} pairs")


if __name__ == "__main__":
    main()
