"""Fixtures for everybody: three people and a stranger, and a database chosen by TEST_DB."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.contrib.auth.models import Group
from django.db.models.signals import post_migrate
from pytest_django import Settings
from xdist.scheduler import LoadGroupScheduling

from common.models import User
from common.roles import Role


def ship_again(sender: AppConfig, **kwargs: object) -> None:
    """A test with real commits ends with empty tables; what migrations shipped comes back."""
    if sender.name == "common":
        import_module("common.migrations.0001_initial").ship_roles(apps, None)


post_migrate.connect(ship_again)


@pytest.fixture(autouse=True)
def checkpoint_file(settings: Settings, tmp_path: Path) -> Path:
    """Marks of the audit chain belong to one database, and each test has its own."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "checkpoints.jsonl")
    return tmp_path / "checkpoints.jsonl"


class TogetherByFolder(LoadGroupScheduling):
    """Keeps together what shares a world or would crowd the machine out.

    xdist 3.8 writes the group of its marker where pytest 9.2 no longer looks for it.
    """

    TOGETHER = ("tests/browser/", "tests/scheduling/test_clusters")

    def _split_scope(self, nodeid: str) -> str:
        return next((name for name in self.TOGETHER if nodeid.startswith(name)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherByFolder | None:
    return TogetherByFolder(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever touches the database is marked `db`, so that it runs on both."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE & set(item.fixturenames):
            item.add_marker("db")


DATABASE = {"db", "transactional_db"}
PASSWORD = "correct horse battery"


def make_user(email: str, role: Role | None = None, **fields: object) -> User:
    """A user with the given role; the password is always PASSWORD."""
    user = User.objects.create_user(email, PASSWORD, **fields)
    if role is not None:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.fixture
def admin_user(db: None) -> User:
    return make_user("ada@northwind.example", Role.ADMIN, name="Ada Admin")


@pytest.fixture
def developer(db: None) -> User:
    return make_user("dan@northwind.example", Role.DEVELOPER, name="Dan Developer")


@pytest.fixture
def operator(db: None) -> User:
    return make_user("olga@northwind.example", Role.OPERATOR, name="Olga Operator")


@pytest.fixture
def viewer(db: None) -> User:
    return make_user("vic@northwind.example", Role.VIEWER, name="Vic Viewer")


@pytest.fixture
def stranger(db: None) -> User:
    """Signed in, but without any role, team or connection."""
    return make_user("sam@elsewhere.example", name="Sam Stranger")
