"""Settings of the test run: known keys, throw-away files, fast hashing."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Worker processes of one run inherit the directory of the process that started them.
if "PORTAL_TEST_DIR" not in os.environ:
    os.environ["PORTAL_TEST_DIR"] = tempfile.mkdtemp(prefix="portal-tests-")
    atexit.register(shutil.rmtree, os.environ["PORTAL_TEST_DIR"], ignore_errors=True)
_scratch = Path(os.environ["PORTAL_TEST_DIR"])
os.environ.setdefault("ENV_FILE", os.devnull)
os.environ.setdefault("VAR_DIR", str(_scratch))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "s" * 50)
os.environ.setdefault("ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9uMTI=")
os.environ.setdefault("AUDIT_KEY", "only-for-tests-audit-key")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("ALLOW_PRIVATE_ADDRESSES", "1")
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("EMAIL_URL", "memorymail://")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# WhiteNoise warns about a missing folder in every test otherwise.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Concurrency tests need several connections to one database: a file, never :memory:.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(_scratch / "test.sqlite3")}
# Jobs that only tests know; worker processes started by tests load them too.
EXTRA_JOB_MODULES = ["tests.scheduling.jobs_for_tests", "tests.scheduling.kinds_for_tests"]
