"""What components and packages can be narrowed by, in the address of the page and of the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from boomi.components import TYPES
from boomi.models import Account, Component, Folder, PackagedComponent
from common.filters import AnyOfField, AnyOfFilter, MomentFilter, RemoteIdFilter, choosable

TYPE_WORDS = tuple((entry.name, entry.word) for entry in TYPES)
# The page has fewer fields; `show` says what `deleted` says in the API.
NOT_ON_PAGE = ("deleted", "modified_before")
SHOWN = (("all", "Deleted ones too"), ("deleted", "Only deleted"))


class AnyTypeField(AnyOfField):
    """Any word will do: the platform may grow a type any day."""

    def valid_value(self, value: str) -> bool:
        return "\0" not in value


class AnyTypeFilter(AnyOfFilter):
    field_class = AnyTypeField


class ComponentFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows components that are visible already; give it the request, for the choices."""

    q = django_filters.CharFilter(method="search", label="Part of the name, folder or id")
    component_id = django_filters.CharFilter("component_id", "exact", label="Component id")
    type = AnyTypeFilter(choices=TYPE_WORDS, label="Type as the platform says")
    sub_type = django_filters.CharFilter("sub_type", "exact", label="Connector")
    account = RemoteIdFilter(
        "account", queryset=choosable(Account), to_field_name="account_id", label="Account"
    )
    folder = RemoteIdFilter(
        queryset=choosable(Folder),
        to_field_name="folder_id",
        method="in_folder",
        label="Folder, with what is below it",
    )
    modified_by = django_filters.CharFilter("modified_by", "icontains", label="Modified by")
    modified_after = MomentFilter("modified_at", "gte", label="Modified at or after")
    modified_before = MomentFilter("modified_at", "lt", label="Modified before")
    deleted = django_filters.BooleanFilter("deleted", label="Deleted on the platform")

    class Meta:
        model = Component
        fields: tuple[str, ...] = ()

    def search(self, components: QuerySet[Component], name: str, part: str) -> QuerySet[Component]:
        """By name, by id or its beginning, and by the path of the folder."""
        folders = Folder.objects.filter(full_path__icontains=part).order_by()
        return components.filter(
            Q(name__icontains=part)
            | Q(component_id__istartswith=part)
            | Q(folder_name__icontains=part)
            | Q(folder_id__in=folders.values("folder_id"))
        )

    def in_folder(
        self, components: QuerySet[Component], name: str, folder: Folder
    ) -> QuerySet[Component]:
        below = Folder.objects.filter(account=folder.account_id).order_by()
        if folder.full_path:
            below = below.filter(
                Q(folder_id=folder.folder_id) | Q(full_path__startswith=f"{folder.full_path}/")
            )
        else:
            below = below.filter(folder_id=folder.folder_id)
        return components.filter(account=folder.account_id, folder_id__in=below.values("folder_id"))


class ComponentPageFilter(ComponentFilter):
    """That of the API with fewer fields; what is deleted stays out unless it is asked for."""

    show = django_filters.ChoiceFilter(
        choices=SHOWN, method="showing", label="Show", empty_label="Existing ones"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.form.fields
        for name in NOT_ON_PAGE:
            del fields[name]
        fields["q"].label = "Search"
        fields["q"].widget.attrs |= {"placeholder": "Name, folder or id", "maxlength": 300}
        fields["modified_after"].widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
        fields["modified_after"].label = "Modified since"
        fields["folder"].label = "Folder"
        for name in ("account", "folder"):
            fields[name].empty_label = "All"
        self.form.order_fields(["q", "account", "folder", "modified_after", "show"])

    def showing(self, components: QuerySet[Component], name: str, what: str) -> QuerySet[Component]:
        return components.filter(deleted=True) if what == "deleted" else components

    def narrowed(self, *, without: tuple[str, ...] = ()) -> QuerySet[Component]:
        """The rows all filters select, except those named. The form must be valid."""
        rows: QuerySet[Component] = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name in self.filters and name not in without:
                rows = self.filters[name].filter(rows, value)
        return rows if self.form.cleaned_data.get("show") else rows.filter(deleted=False)


class PackageFilter(django_filters.FilterSet):  # type: ignore[misc]
    account = RemoteIdFilter(
        "account", queryset=choosable(Account), to_field_name="account_id", label="Account"
    )
    type = AnyTypeFilter("component_type", choices=TYPE_WORDS, label="Type of the component")
    created_after = MomentFilter("created_at", "gte", label="Created at or after")
    created_before = MomentFilter("created_at", "lt", label="Created before")

    class Meta:
        model = PackagedComponent
        fields = ("package_id", "component_id", "package_version", "deleted", "shareable")
