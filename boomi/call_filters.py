"""What the call log can be narrowed by, on its page and in the API."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from boomi.models import Account, ApiCall, CallCount, Connection
from boomi.usage_page import words
from common.audit_filters import MomentInput
from common.filters import MomentFilter, RemoteIdFilter, choosable

ENDINGS = (
    ("2xx", "Answered (2xx)"),
    ("3xx", "Sent elsewhere (3xx)"),
    ("4xx", "Refused (4xx)"),
    ("429", "Throttled (429)"),
    ("503", "Throttled (503)"),
    ("5xx", "Failed (5xx)"),
    ("none", "No answer"),
)


def features() -> list[tuple[str, str]]:
    """What calls were ever made for."""
    known = CallCount.objects.exclude(feature="").order_by("feature")
    return [(name, words(name)) for name in known.values_list("feature", flat=True).distinct()]


class CallFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows calls by account, connection, purpose, ending and time."""

    account = RemoteIdFilter(
        queryset=choosable(Account),
        to_field_name="account_id",
        method="charged_to",
        empty_label="Any",
        label="Account",
    )
    connection = django_filters.NumberFilter("connection_id", "exact", label="Connection")
    feature = django_filters.CharFilter("feature", "exact", label="Made for")
    status = django_filters.ChoiceFilter(
        choices=ENDINGS, method="ended", empty_label="Any", label="Ending"
    )
    errors = django_filters.BooleanFilter(method="with_error", label="Errors only")
    after = MomentFilter("at", "gte", label="From")
    before = MomentFilter("at", "lt", label="Until")

    class Meta:
        model = ApiCall
        fields: tuple[str, ...] = ()

    def charged_to(
        self, calls: QuerySet[ApiCall], name: str, account: Account
    ) -> QuerySet[ApiCall]:
        return calls.filter(account_id=account.account_id)

    def ended(self, calls: QuerySet[ApiCall], name: str, ending: str) -> QuerySet[ApiCall]:
        if ending == "none":
            return calls.filter(status=None)
        if ending in ("429", "503"):
            return calls.filter(status=int(ending))
        first = int(ending[0]) * 100
        return calls.filter(status__gte=first, status__lt=first + 100)

    def with_error(self, calls: QuerySet[ApiCall], name: str, value: bool) -> QuerySet[ApiCall]:
        """A file that is still being collected is no error."""
        fine = Q(error="") | Q(error="NOT_READY")
        return calls.exclude(fine) if value else calls.filter(fine)


class CallPageFilter(CallFilter):
    """The same names and values in the address, with the controls of a page."""

    connection = django_filters.ModelChoiceFilter(
        queryset=choosable(Connection), method="through", empty_label="Any", label="Connection"
    )
    feature = django_filters.ChoiceFilter(
        "feature", choices=features, empty_label="Anything", label="Made for"
    )
    errors = django_filters.TypedChoiceFilter(
        choices=[("", "All calls"), ("true", "Errors only"), ("false", "Without errors")],
        coerce=lambda value: str(value) == "true",
        method="with_error",
        label="Errors",
    )
    after = MomentFilter("at", "gte", label="From", widget=MomentInput)
    before = MomentFilter("at", "lt", label="Until", widget=MomentInput)

    def through(
        self, calls: QuerySet[ApiCall], name: str, connection: Connection
    ) -> QuerySet[ApiCall]:
        return calls.filter(connection_id=connection.pk)
