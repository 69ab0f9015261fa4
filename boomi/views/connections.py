"""Connections: list, page, new, edit, delete, test, sync now."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from boomi import queries
from boomi.forms import ConnectionEditForm, ConnectionForm, DeleteForm
from boomi.models import Account, Connection
from boomi.services import connections, removal, sync
from common.access import find, may, require, visible
from common.actors import Actor
from common.errors import Conflict, InputError, PortalError
from common.polling import unless_unchanged
from scheduling.models import LIVE


def _connection(request: HttpRequest, pk: int) -> Connection:
    rows = Connection.objects.select_related("account", "owner", "team")
    return find(Actor.of(request), rows, pk=pk)


@login_required
@require_safe
def connection_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    rows = visible(actor, Connection.objects.select_related("account", "owner", "team"))
    context = {
        "connections": queries.with_freshness(rows),
        "may_create": may(actor, "boomi.connection.create"),
    }
    return render(request, "boomi/connections.html", context)


def _stamp(actor: Actor, pk: int) -> object:
    """The state of the connection and of what goes on in its account."""
    rows = Connection.objects.select_related("account").order_by()
    row = visible(actor, rows).filter(pk=pk).first()
    if row is None:
        return None
    run, circuit = queries.last_sync(row), queries.circuit_of(row.account)
    away = circuit and (circuit.state, circuit.retry_at)
    return row.status_since, row.checked_at, run and (run.pk, run.changed_at), away


@login_required
@require_safe
@unless_unchanged(_stamp)
def connection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    connection = _connection(request, pk)
    sees_account = visible(actor, Account.objects.filter(pk=connection.account_id)).exists()
    run = queries.last_sync(connection) if sees_account else None
    context = {
        "connection": connection,
        "circuit": queries.circuit_of(connection.account),
        "marks": queries.sync_marks(connection.account) if sees_account else [],
        "last_run": run,
        "is_syncing": run is not None and run.status in LIVE,
        "may_edit": may(actor, "boomi.connection.edit", connection),
        "may_delete": may(actor, "boomi.connection.delete", connection),
        "may_test": may(actor, "boomi.connection.test", connection),
        "may_sync": may(actor, "boomi.connection.sync", connection),
    }
    return render(request, "boomi/connection.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connection_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    require(actor, "boomi.connection.create")
    form = ConnectionForm(_sent(request), actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            connection = connections.create(actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            form.show(error)
        else:
            _tell_result(request, connection)
            return redirect("connection", pk=connection.pk)
    context = {"form": form}
    return render(request, "boomi/connection_form.html", context, status=_status(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connection_edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.of(request)
    connection = _connection(request, pk)
    require(actor, "boomi.connection.edit", connection)
    form = ConnectionEditForm(_sent(request), actor=actor, connection=connection)
    if request.method == "POST" and form.is_valid():
        try:
            connections.update(connection, actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            form.show(error)
        else:
            _tell_result(request, connection)
            return redirect("connection", pk=connection.pk)
    context = {"form": form, "connection": connection}
    return render(request, "boomi/connection_form.html", context, status=_status(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connection_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, with what hangs on it; only an Admin may delete that too, with a reason."""
    actor = Actor.of(request)
    connection = _connection(request, pk)
    require(actor, "boomi.connection.delete", connection)
    form = DeleteForm(_sent(request))
    problem: PortalError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            connections.delete(connection, actor=actor, **form.cleaned_data)
        except (InputError, Conflict) as error:
            problem = error
        else:
            messages.success(request, f"The connection {connection.name} was deleted.")
            return redirect("connections")
    context = {
        "connection": connection,
        "dependants": removal.dependants(connection),
        "form": form,
        "problem": problem,
    }
    status = problem.status if problem else 200
    return render(request, "boomi/connection_delete.html", context, status=status)


@login_required
@require_POST
def connection_test(request: HttpRequest, pk: int) -> HttpResponse:
    connection = _connection(request, pk)
    connections.test(connection, actor=Actor.of(request))
    connection.refresh_from_db()
    _tell_result(request, connection)
    return redirect("connection", pk=pk)


@login_required
@require_POST
def connection_sync(request: HttpRequest, pk: int) -> HttpResponse:
    connection = _connection(request, pk)
    try:
        sync.request(connection, actor=Actor.of(request))
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    else:
        messages.success(request, "The sync is on its way; this page shows how far it is.")
    return redirect("connection", pk=pk)


def _tell_result(request: HttpRequest, connection: Connection) -> None:
    if connection.status == "ok":
        text = f"{connection.account} is connected. {connection.status_reason}".strip()
        messages.success(request, text)
    elif connection.status == "failing":
        messages.error(request, f"Saved, but not connected: {connection.status_reason}")
    else:
        messages.info(request, "Saved. The connection has not been tested yet.")


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _status(form: ConnectionForm) -> int:
    return 400 if form.errors else 200
