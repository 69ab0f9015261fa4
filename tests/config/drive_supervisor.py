"""A supervisor in a process of its own, for tests that send it signals.

Usage: drive_supervisor.py DIRECTORY SCRIPT; the child runs SCRIPT with DIRECTORY as argument.
"""

import sys

from config.supervisor import Child, Supervisor

directory, script = sys.argv[1:]
child = Child("worker", [sys.executable, "-c", script, directory])
Supervisor([child], grace_seconds=1.0, say=lambda line: print(line, flush=True)).run()
print("ended", flush=True)
