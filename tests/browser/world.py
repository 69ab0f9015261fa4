"""A whole portal to look at: sandbox, web, queues and clock, in a directory thrown away after.

The portal runs as `manage.py serve` runs it, in processes of its own: what the browser sees
is what an installation serves. The sandbox runs in this process, so that callers can plant.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from sandbox.clock import stamp
from sandbox.scenario import TRUTH, PlantedRun
from sandbox.server import Sandbox

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
NOT_OURS = {"DATABASE_URL", "LOG_DIR", "AUDIT_CHECKPOINT_FILE", "PORTAL_TEST_DIR"}


class WorldFailed(Exception):
    """The portal did not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Planted:
    """The failing run everything is about; its first error is the truth of the sandbox."""

    run: PlantedRun
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What prepare.py made: the password of everybody, and keys of rows to look at; 0 is none."""

    password: str = ""
    connection: int = 0
    execution: int = 0
    analysis: int = 0
    job: int = 0
    automation: int = 0
    schedule: int = 0
    channel: int = 0
    delivery: int = 0
    account: int = 0
    runtime: int = 0
    deployment: int = 0
    failed_job: int = 0
    unsubscribe: str = ""
    components: dict[str, int] = field(default_factory=dict)


class World:
    """`with World() as world:` a filled portal at `world.url`; `options` are of prepare.py."""

    def __init__(
        self, *options: str, scenario: str = "small", epoch: datetime | None = None
    ) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="portal-browser-")
        self._options = options
        self._portal: subprocess.Popen[bytes] | None = None
        self.directory = Path(self._directory.name)
        self.sandbox = Sandbox(scenario=scenario, rate_limit=0, epoch=epoch)
        self.url = ""
        self.facts = Facts()

    def __enter__(self) -> World:
        self.sandbox.start()
        try:
            self._prepare()
            self.url = self._serve()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if self._portal is not None:
            self._portal.send_signal(signal.SIGTERM)
            try:
                self._portal.wait(30)
            except subprocess.TimeoutExpired:
                self._portal.kill()
                self._portal.wait()
        self.sandbox.stop()
        self._directory.cleanup()

    @property
    def planted(self) -> Planted:
        run = self.sandbox.truth.failing_run
        if run is None or run.first_error is None:
            raise WorldFailed("The scenario has no failing run.")
        return Planted(run, run.first_error.line, run.first_error.text)

    def fail_once_more(self) -> str:
        """A run of another process than the planted one fails, a minute ago; its name."""
        fresh = f"execution-{uuid.uuid4()}-{datetime.now():%Y.%m.%d}"
        start = stamp(self.sandbox.clock.now().replace(microsecond=0) - timedelta(minutes=1))
        times = dict.fromkeys(("start", "visible", "recorded"), start)
        with self.sandbox.store.writing() as database:
            names = [row[1] for row in database.execute("PRAGMA table_info(executions)")]
            model = database.execute(
                "SELECT * FROM executions WHERE account = ? AND process_id <> ? AND start < ?"
                " AND status = 'COMPLETE' ORDER BY start DESC LIMIT 1",
                [TRUTH.primary.account_id, self.planted.run.process_id, start],
            ).fetchone()
            values = dict(zip(names, model, strict=True)) | times
            values |= {"execution_id": fresh, "status": "ERROR", "message": "It broke."}
            body = json.loads(values["body"])
            body |= {"executionId": fresh, "status": "ERROR", "message": "It broke."}
            body |= {"executionTime": start, "recordedDate": start}
            values["body"] = json.dumps(body)
            del values["seq"]
            marks = ", ".join("?" * len(values))
            database.execute(
                f"INSERT INTO executions ({', '.join(values)}) VALUES ({marks})",
                list(values.values()),
            )
        return str(values["process_name"])

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        return own | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEMO": "1",
            "ALLOW_PRIVATE_ADDRESSES": "1",
            "VAR_DIR": str(self.directory),
            "ENV_FILE": os.devnull,
            "SITE_URL": "http://127.0.0.1",
            "LOG_LEVEL": "WARNING",
            # The sandbox is ours: the caps of the real platform would only make it slow.
            "API_REQUESTS_PER_SECOND": "200",
            "API_REQUESTS_PER_MINUTE": "6000",
            # Tests ask for each sync themselves.
            "AUTO_SYNC_SECONDS": "86400",
            "Q_WORKERS": "1",
        }

    def _prepare(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.prepare", self.sandbox.url, *self._options],
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise WorldFailed(done.stderr[-4000:])
        self.facts = Facts(**json.loads(done.stdout.splitlines()[-1]))

    def _serve(self) -> str:
        """Start the portal on a free port and wait until it answers."""
        said = self.directory / "serve.log"
        with said.open("wb") as output:
            self._portal = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", "0", "--with-parent"],
                env=self._environment(),
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._portal.poll() is None:
            if found := re.search(r"http://127\.0\.0\.1:\d+", said.read_text()):
                urllib.request.urlopen(f"{found[0]}/healthz", timeout=START_SECONDS).close()
                return found[0]
            time.sleep(0.1)
        raise WorldFailed(said.read_text()[-4000:] or "The portal did not start in time.")
