"""Measures the engine on a 21 MB log, as ratios against baselines of the same run.

Baselines: `wc -l` (reading the bytes) and a plain reader that matches one regular expression per
line and counts closing lines. Each measurement is the best of three in a process of its own, so
that peak memory is that of one reader. Usage: bench.py [FILE]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ROUNDS = 3

MEASURE = """
import json, resource, sys, time
{setup}
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({{"seconds": seconds, "peak_mb": peak / 1024}}))
"""
PLAIN = r"""
pattern = re.compile(
    r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\t(SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST)"
    r"\t([^\t]*)\t([^\t]*)\t(.*)$"
)
closing = re.compile(r"^Shape executed (successfully|with errors) in (\d+) ?ms\.$")
total = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        match = pattern.match(line)
        closed = match and closing.match(match[5])
        if closed:
            total += int(closed[2])
"""
READERS = {
    "wc -l": (
        "import subprocess",
        "subprocess.run(['wc', '-l', sys.argv[1]], capture_output=True)",
    ),
    "one regex per line": ("import re", PLAIN),
    "engine": ("from analysis.engine import analyze_file", "analyze_file(sys.argv[1])"),
}


def measured(setup: str, work: str, path: Path) -> dict[str, float]:
    """The fastest of a few runs."""
    code = MEASURE.format(setup=setup, work=work)
    runs = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True,
            check=True,
            cwd=ROOT,
        )
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["seconds"])


def report(path: Path) -> None:
    size = path.stat().st_size
    print(f"{path.name}: {size:,} bytes\n")
    results = {name: measured(*reader, path) for name, reader in READERS.items()}
    engine = results["engine"]["seconds"]
    print(f"{'reader':<20}{'seconds':>9}{'MB/s':>9}{'peak MB':>9}{'engine takes':>14}")
    for name, result in results.items():
        seconds = result["seconds"]
        print(
            f"{name:<20}{seconds:>9.3f}{size / seconds / 1e6:>9.0f}{result['peak_mb']:>9.0f}"
            f"{engine / seconds:>13.2f}x"
        )


def main(arguments: list[str]) -> int:
    if arguments:
        report(Path(arguments[0]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders-to-erp.log"
        subprocess.run([sys.executable, str(HERE / "make_log.py"), str(path)], check=True)
        report(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
