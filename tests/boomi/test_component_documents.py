"""Documents of components: fetched once, kept while fresh, refreshed five to a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from boomi.client import ComponentXml, Forbidden, Missing, Rejected, Unauthorised, Unreachable
from boomi.client.queries import all_of, field
from boomi.clients import open_client
from boomi.components import BLANK, DocumentRefused, parse_document
from boomi.models import (
    Account,
    ApiCall,
    Component,
    ComponentDocument,
    ComponentVersion,
    Connection,
    ConnectionState,
)
from boomi.services import documents
from common.actors import Actor
from common.errors import Conflict, InputError, NotAllowed
from common.models import AuditEvent, User
from sandbox.server import Sandbox
from scheduling.models import JobRun, JobStatus
from scheduling.testing import drain
from tests.boomi import rows
from tests.boomi.component_rows import (
    component_document,
    envelope,
    make_component,
    make_version,
)

pytestmark = pytest.mark.django_db
TEXT = component_document("connector-settings-02-database")
SECRET = "9b1de0a6c7f84c3f"


class Platform:
    """Answers like the client; what `refuse` names raises, what `gone` names is left out."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.version = 3
        self.text = TEXT
        self.refuse: Exception | None = None
        self.refuse_bulk: Exception | None = None
        self.gone: set[str] = set()

    def with_feature(self, feature: str) -> Platform:
        assert feature == "component.document"
        return self

    def component_xml(self, component_id: str, version: int | None = None) -> ComponentXml:
        self.calls.append((component_id, version))
        if self.refuse is not None:
            raise self.refuse
        if component_id in self.gone:
            raise Missing("The platform knows no such component or version.")
        return ComponentXml(component_id, version or self.version, self.text)

    def component_xmls(self, wanted: Sequence[tuple[str, int | None]]) -> dict[str, ComponentXml]:
        self.calls.append(list(wanted))
        if self.refuse_bulk is not None:
            raise self.refuse_bulk
        return {
            one: ComponentXml(one, self.version, self.text)
            for one, _ in wanted
            if one not in self.gone
        }


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform()
    monkeypatch.setattr(documents, "open_client", lambda *args, **kwargs: made)
    return made


@pytest.fixture
def account(operator: User) -> Account:
    account = rows.make_account()
    rows.connect(operator, account)
    return account


@pytest.fixture
def component(account: Account) -> Component:
    row = make_component(account)
    make_version(row)
    make_version(row, 2)
    return row


@pytest.fixture
def actor(operator: User) -> Actor:
    return Actor.person(operator, via="page")


def store(component: Component, text: str = TEXT) -> ComponentDocument:
    row = component.versions.get(version=component.version)
    document = documents.store(row, text, now=timezone.now())
    component.refresh_from_db()
    return document


def fetched(component: Component, actor: Actor, **more: Any) -> JobRun:
    """The job that fetches, run to its end."""
    run = documents.request(component, actor=actor, **more)
    assert isinstance(run, JobRun)
    drain()
    run.refresh_from_db()
    component.refresh_from_db()
    return run


def test_a_stored_document_has_no_secret(component: Component) -> None:
    document = store(component)
    assert SECRET not in document.text
    assert BLANK in document.text
    assert (document.blanked, document.size) == (1, len(document.text.encode()))


def test_equal_documents_are_one_row(component: Component, account: Account) -> None:
    other = make_component(account, 2)
    row = make_version(other)
    assert store(component) == documents.store(row, TEXT, now=timezone.now())
    assert ComponentDocument.objects.count() == 1


def test_storing_is_part_of_the_callers_transaction(component: Component) -> None:
    row = component.versions.get(version=3)

    def store_two() -> None:
        with transaction.atomic():
            documents.store(row, TEXT, now=timezone.now())
            documents.store(row, "<html>", now=timezone.now())

    with pytest.raises(DocumentRefused):
        store_two()
    assert not ComponentDocument.objects.exists()


def test_the_current_document_expires_and_an_old_one_does_not(
    component: Component, settings: Any
) -> None:
    settings.COMPONENT_CACHE_HOURS = 6
    store(component)
    assert component.document_due_at is not None
    left = component.document_due_at - timezone.now()
    assert timedelta(hours=5, minutes=59) < left <= timedelta(hours=6)
    Component.objects.update(document_due_at=timezone.now() - timedelta(seconds=1))
    component.refresh_from_db()
    current, old = component.versions.get(version=3), component.versions.get(version=2)
    documents.store(old, TEXT, now=timezone.now() - timedelta(days=400))
    old.refresh_from_db()
    assert not documents.is_fresh(component, current)
    assert documents.is_fresh(component, old)


def test_a_version_of_a_branch_is_fresh_though_it_is_newer_than_the_current_one(
    component: Component, actor: Actor, platform: Platform
) -> None:
    row = make_version(component, 7, branch_name="feature", current=False)
    documents.store(row, TEXT, now=timezone.now() - timedelta(days=40))
    component.refresh_from_db()
    assert isinstance(documents.request(component, actor=actor, version=7), ComponentDocument)
    assert platform.calls == []


def test_the_second_look_makes_no_call_and_the_one_after_expiry_one(
    component: Component, actor: Actor, platform: Platform
) -> None:
    fetched(component, actor)
    assert platform.calls == [("component-1", None)]
    assert isinstance(documents.request(component, actor=actor), ComponentDocument)
    assert len(platform.calls) == 1
    Component.objects.update(document_due_at=timezone.now())
    component.refresh_from_db()
    fetched(component, actor)
    assert len(platform.calls) == 2


def test_refresh_asks_even_while_it_is_fresh(
    component: Component, actor: Actor, platform: Platform
) -> None:
    store(component)
    run = fetched(component, actor, anew=True)
    assert run.status == JobStatus.SUCCEEDED
    assert len(platform.calls) == 1


def test_an_old_version_is_asked_for_by_its_number(
    component: Component, actor: Actor, platform: Platform
) -> None:
    run = fetched(component, actor, version=2)
    assert platform.calls == [("component-1", 2)]
    assert component.versions.get(version=2).document is not None
    assert component.versions.get(version=3).document is None
    assert component.document_due_at is None
    assert run.result == {"component": component.pk, "version": 2}


def test_a_version_nobody_knows_is_refused_before_any_call(
    component: Component, actor: Actor, platform: Platform
) -> None:
    with pytest.raises(InputError, match="Version 9"):
        documents.request(component, actor=actor, version=9)
    assert not platform.calls


def test_a_newer_version_becomes_the_current_one(
    component: Component, actor: Actor, platform: Platform
) -> None:
    platform.version = 4
    platform.text = TEXT.replace('name="Orders DB"', 'name="Orders DB, new"')
    fetched(component, actor)
    newest = component.versions.get(version=4)
    assert (component.version, newest.current, newest.name) == (4, True, "Orders DB, new")
    assert newest.modified_by == "dev.omar@northwind.example"
    assert component.versions.filter(current=True).count() == 1
    assert documents.is_fresh(component, newest)


def test_two_who_ask_share_one_job(component: Component, operator: User, admin_user: User) -> None:
    first = documents.request(component, actor=Actor.person(operator, via="page"))
    second = documents.request(component, actor=Actor.person(admin_user, via="page"))
    assert first == second
    assert AuditEvent.objects.filter(action="scheduling.job.enqueued").count() == 1


def test_a_viewer_reads_what_is_stored_and_has_nothing_fetched(
    component: Component, viewer: User, platform: Platform
) -> None:
    rows.connect(viewer, component.account)
    actor = Actor.person(viewer, via="page")
    with pytest.raises(NotAllowed, match="Operator"):
        documents.request(component, actor=actor)
    store(component)
    assert isinstance(documents.request(component, actor=actor), ComponentDocument)


def test_a_stranger_gets_nothing(component: Component, stranger: User) -> None:
    store(component)
    with pytest.raises(NotAllowed):
        documents.request(component, actor=Actor.person(stranger, via="page"))


def test_without_a_working_connection_it_says_so(component: Component, actor: Actor) -> None:
    Connection.objects.update(status=ConnectionState.FAILING)
    with pytest.raises(Conflict, match="No working connection"):
        documents.request(component, actor=actor)


@pytest.mark.parametrize(
    "error",
    [Missing("No such component."), Rejected("Not like this."), Forbidden("Not for this token.")],
)
def test_a_final_refusal_stands_on_the_component(
    component: Component, actor: Actor, platform: Platform, error: Exception
) -> None:
    platform.refuse = error
    run = fetched(component, actor)
    assert run.status == JobStatus.FAILED
    assert str(error)[:10] in component.document_error
    platform.refuse = None
    fetched(component, actor)
    assert component.document_error == ""


def test_a_passing_fault_leaves_no_word(
    component: Component, actor: Actor, platform: Platform
) -> None:
    platform.refuse = Unreachable("The platform cannot be reached.")
    run = documents.request(component, actor=actor)
    drain()
    run.refresh_from_db()
    component.refresh_from_db()
    assert run.status == JobStatus.WAITING
    assert component.document_error == ""


def test_a_refused_credential_marks_the_connection(
    component: Component, actor: Actor, platform: Platform
) -> None:
    platform.refuse = Unauthorised("The token is refused.")
    fetched(component, actor)
    assert Connection.objects.get().status == ConnectionState.FAILING


@pytest.mark.parametrize("text", ["<!DOCTYPE a><Component/>", "<html/>", "{}"])
def test_an_answer_that_is_no_document_is_not_stored(
    component: Component, actor: Actor, platform: Platform, text: str
) -> None:
    platform.text = text
    run = fetched(component, actor)
    assert (run.status, run.error_code) == (JobStatus.FAILED, "DOCUMENT_REFUSED")
    assert component.document_error.startswith("The document ")
    assert not ComponentDocument.objects.exists()


def test_a_component_that_was_deleted_meanwhile_ends_the_job(
    component: Component, actor: Actor, platform: Platform
) -> None:
    run = documents.request(component, actor=actor)
    component.delete()
    drain()
    run.refresh_from_db()
    assert (run.status, platform.calls) == (JobStatus.FAILED, [])


class Slice:
    """As much of a JobContext as a refresh needs."""

    def __init__(self, batches: int = 99) -> None:
        self.left = batches

    def should_stop(self) -> bool:
        self.left -= 1
        return self.left < 0


Refresh = Callable[..., int]


@pytest.fixture
def refresh(platform: Platform, account: Account) -> Refresh:
    def run(limit: int = 100, batches: int = 99) -> int:
        return documents.refresh_due(Slice(batches), platform, account.pk, limit)  # type: ignore[arg-type]

    return run


def several(account: Account, count: int) -> None:
    for number in range(1, count + 1):
        make_version(make_component(account, number))


def test_a_refresh_reads_five_to_a_call(
    account: Account, platform: Platform, refresh: Refresh
) -> None:
    several(account, 7)
    assert refresh() == 7
    assert [len(call) for call in platform.calls if isinstance(call, list)] == [5, 2]
    assert refresh() == 0
    assert len(platform.calls) == 2


def test_a_refresh_keeps_to_its_limit_and_to_its_slice(account: Account, refresh: Refresh) -> None:
    several(account, 12)
    assert refresh(limit=3) == 3
    assert refresh(batches=1) == 5
    assert documents.due(account.pk).count() == 4


def test_a_new_version_is_due_though_the_old_document_is_young(
    account: Account, component: Component
) -> None:
    store(component)
    assert not documents.due(account.pk).exists()
    Component.objects.update(version=4)
    assert documents.due(account.pk).get() == component


def test_deleted_components_are_left_alone(account: Account, refresh: Refresh) -> None:
    make_version(make_component(account, deleted=True))
    assert refresh() == 0


def test_where_the_bulk_read_is_refused_each_is_read_alone(
    account: Account, platform: Platform, refresh: Refresh
) -> None:
    several(account, 2)
    platform.refuse_bulk = Rejected("Bulk is not allowed.")
    platform.gone = {"component-2"}
    assert refresh() == 1
    refused = Component.objects.get(component_id="component-2")
    assert refused.document_error.startswith("The platform knows no such component")
    assert not documents.due(account.pk).exists()


def test_one_bad_document_does_not_keep_the_others_back(
    account: Account, platform: Platform, refresh: Refresh
) -> None:
    several(account, 3)
    platform.gone = {"component-2"}
    assert refresh() == 2
    assert ComponentVersion.objects.filter(document=None).count() == 1


def test_unused_documents_are_forgotten_after_an_hour(component: Component) -> None:
    kept = store(component)
    young = store(component, envelope("process", "<a/>"))
    ComponentDocument.objects.filter(pk=kept.pk).update(
        created_at=timezone.now() - timedelta(hours=2)
    )
    assert documents.forget_unused() == 1
    assert ComponentDocument.objects.get() == young


def test_the_imitation_platform_is_read_five_to_a_call_and_once(
    sandbox: Sandbox, operator: User, connection: Connection
) -> None:
    """Through the real client: what the pass stores is fresh, and asking again costs nothing."""
    client = open_client(connection)
    records = list(client.component_metadata_page(all_of(field("currentVersion").eq(True))).items)
    for number, record in enumerate(records[:7]):
        row = make_component(connection.account, number, component_id=record.component_id,
                             type=record.component_type, version=record.version or 1)  # fmt: skip
        make_version(row)
    live = Component.objects.filter(deleted=False).count()
    assert documents.refresh_due(Slice(), client, connection.account_id, 99) == live  # type: ignore[arg-type]
    assert ApiCall.objects.filter(path__endswith="/Component/bulk").count() == 2
    actor = Actor.person(operator, via="page")
    for row in Component.objects.all():
        found = documents.request(row, actor=actor)
        assert isinstance(found, ComponentDocument)
        assert parse_document(found.text).type == row.type
