import subprocess
import sys
from pathlib import Path

import boomi

ROOT = Path(__file__).parents[3]


def test_the_package_is_ours_and_not_the_sdk():
    assert Path(boomi.__file__).parent == ROOT / "boomi"


def test_the_client_imports_no_django():
    code = "import sys, boomi.client; print([m for m in sys.modules if m.startswith('django')])"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
