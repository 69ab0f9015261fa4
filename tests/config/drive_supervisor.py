"""A supervisor in a process of its own, for tests that send it signals.

Usage: drive_supervisor DIRECTORY SCRIPT [with-parent]; the child runs SCRIPT with DIRECTORY
as its argument, and "with-parent" ends everything with the process that started this one.
"""

import sys

from config.supervisor import Child, Supervisor

directory, script, *options = sys.argv[1:]
child = Child("worker", [sys.executable, "-c", script, directory])
Supervisor(
    [child],
    grace_seconds=1.0,
    say=lambda line: print(line, flush=True),
    with_parent="with-parent" in options,
).run()
print("ended", flush=True)
