"""The base of every admin class: rights by may(), audit on save, buttons for verbs.

`common.admin` holds the registrations of this floor; other apps import the bases from here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html

from common import audit
from common.access import Verdict, find, may, require
from common.actors import Actor
from common.errors import PortalError
from common.fields import EncryptedTextField
from common.forms import ReasonForm

ActionFunction = Callable[[Actor, Any, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class ObjectAction:
    """A verb as a button on the change page: confirmation with a form, then POST.

    `run(actor, obj, cleaned_data)` calls the service and returns the message to show; it raises
    PortalError to refuse. `verb` is what may() is asked, its reason stands beside a button that
    is not available. `shown` hides the button where the verb makes no sense at all.
    """

    name: str
    label: str
    verb: str
    run: ActionFunction
    form: type[forms.Form] = ReasonForm
    danger: bool = False
    explanation: str = ""
    shown: Callable[[Any], bool] | None = None


# The stubs have the class generic, Django itself has not.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class PortalModelAdmin(ModelAdmin):
    """Rights: `verbs` maps view, add, change and delete to verbs of may(); what it leaves out
    needs the role Admin. `audit_on_save` is switched off where a service records the change.
    """

    change_form_template = "admin/portal_change_form.html"
    list_per_page = 50
    show_full_result_count = False
    save_on_top = False
    verbs: ClassVar[Mapping[str, str]] = {}
    object_actions: ClassVar[tuple[ObjectAction, ...]] = ()
    audit_on_save: ClassVar[bool] = True
    portal_page: ClassVar[str] = ""  # Name of the address where people see the same row.

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """What the link "View in portal" leads to; None shows no link."""
        if obj is None or not self.portal_page:
            return None
        try:
            return reverse(self.portal_page, args=[obj.pk])
        except NoReverseMatch:
            # The pages are another floor's; an installation may go without them.
            return None

    # --- Rights -----------------------------------------------------------------------------

    def _may(self, request: HttpRequest, what: str, obj: Any = None) -> bool:
        actor = Actor.of(request, "admin")
        verb = self.verbs.get(what)
        return bool(may(actor, verb, obj)) if verb else actor.is_admin

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj) or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    # --- Saving with an audit event -----------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        form.before_save = snapshot(self.model._default_manager.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Recorded here, when the many-to-many fields are stored too, in the same transaction."""
        super().save_related(request, form, formsets, change)
        if self.audit_on_save:
            self._record_save(Actor.of(request, "admin"), form)

    def _record_save(self, actor: Actor, form: Any) -> None:
        after = snapshot(form.instance)
        name = f"{self.opts.app_label}.{self.opts.model_name}"
        if form.before_save is None:
            audit.record(actor, f"{name}.created", form.instance, after=after.shown)
            return
        changed = [key for key, value in after.raw.items() if form.before_save.raw[key] != value]
        if changed:
            audit.record(
                actor,
                f"{name}.changed",
                form.instance,
                before={key: form.before_save.shown[key] for key in changed},
                after={key: after.shown[key] for key in changed},
            )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            if self.audit_on_save:
                name = f"{self.opts.app_label}.{self.opts.model_name}.deleted"
                actor = Actor.of(request, "admin")
                audit.record(actor, name, obj, before=snapshot(obj).shown)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            for obj in queryset:
                self.delete_model(request, obj)

    # --- A refusal of a service is an error of the form ---------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PortalError as error:
            if request.method != "POST":
                raise
            # Once more with the refusal as a form error: what was typed stays on the page.
            request.refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal: PortalError | None = getattr(request, "refusal", None)
        return _refused(form, refusal) if refusal is not None else form

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except PortalError as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.change_url(object_id))

    # --- Object actions ------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.object_action_view)
        own = path(
            "<path:object_id>/action/<slug:name>/",
            view,
            name=f"{self.opts.app_label}_{self.opts.model_name}_action",
        )
        return [own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["object_actions"] = self._buttons(Actor.of(request, "admin"), obj)
        page: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return page

    def _buttons(self, actor: Actor, obj: Any) -> list[dict[str, Any]]:
        """For the template: name, label, url, allowed, reason, danger."""
        buttons = []
        for item in self.object_actions:
            if item.shown is None or item.shown(obj):
                verdict = may(actor, item.verb, obj)
                buttons.append(
                    {
                        "name": item.name,
                        "label": item.label,
                        "url": self.action_url(obj, item.name),
                        "allowed": verdict.allowed,
                        "reason": verdict.reason,
                        "danger": item.danger,
                    }
                )
        return buttons

    def object_action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """GET shows what will happen and asks for the reason; POST does it."""
        actor = Actor.of(request, "admin")
        obj = find(actor, self.get_queryset(request), pk=object_id)
        chosen = next((item for item in self.object_actions if item.name == name), None)
        if chosen is None:
            return HttpResponseRedirect(self.change_url(obj.pk))
        verdict = may(actor, chosen.verb, obj)
        form = chosen.form(request.POST if request.method == "POST" else None)
        refusal: PortalError | None = None
        if request.method == "POST" and form.is_valid():
            try:
                require(actor, chosen.verb, obj)
                message = chosen.run(actor, obj, form.cleaned_data)
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, message)
                return HttpResponseRedirect(self._url_after(obj))
        return self._action_page(request, obj, chosen, form, verdict, refusal)

    def _action_page(
        self,
        request: HttpRequest,
        obj: Any,
        chosen: ObjectAction,
        form: forms.Form,
        verdict: Verdict,
        refusal: PortalError | None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": chosen.label,
            "opts": self.opts,
            "original": obj,
            "object_action": chosen,
            "form": form,
            "verdict": verdict,
            "refusal": refusal,
            "back_url": self.change_url(obj.pk),
        }
        request.current_app = self.admin_site.name
        status = refusal.status if refusal is not None else 200
        return TemplateResponse(request, "admin/object_action.html", context, status=status)

    def _url_after(self, obj: Any) -> str:
        """The row again, or the list when the action deleted it."""
        if self.model._default_manager.filter(pk=obj.pk).exists():
            return self.change_url(obj.pk)
        return self._url("changelist")

    def action_url(self, obj: Any, name: str) -> str:
        return self._url("action", obj.pk, name)

    def change_url(self, object_id: Any) -> str:
        return self._url("change", object_id)

    def _url(self, view: str, *args: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{view}"
        return reverse(name, args=args)


class ReadOnlyAdmin(PortalModelAdmin):
    """For what people look at and never edit: mirrored facts, jobs, the audit trail."""

    actions = None
    audit_on_save = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`raw` is for comparing, `shown` for the audit trail (secrets masked)."""

    raw: dict[str, object]
    shown: dict[str, object]


def snapshot(obj: models.Model) -> Snapshot:
    """The stored values of a row, many-to-many fields as lists of names."""
    raw: dict[str, object] = {}
    shown: dict[str, object] = {}
    for field in obj._meta.concrete_fields:
        value = field.value_from_object(obj)
        secret = isinstance(field, EncryptedTextField)
        raw[field.name] = value
        shown[field.name] = (audit.MASK if value else "") if secret else value
    for many in obj._meta.many_to_many:
        names = sorted(str(row) for row in many.value_from_object(obj))
        raw[many.name] = shown[many.name] = names
    return Snapshot(raw, shown)


def pretty_json(value: object) -> str:
    """JSON as people read it; "-" when there is none."""
    if not value:
        return "-"
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


def sentence(error: PortalError) -> str:
    return f"{error.message} {error.hint}".strip()


def _refused(form: type[forms.ModelForm[Any]], refusal: PortalError) -> Any:
    """The form class, failing with what the service said."""

    def clean(self: Any) -> Any:
        cleaned = form.clean(self)
        named = {name: texts for name, texts in refusal.fields.items() if name in self.fields}
        for name, texts in named.items():
            self.add_error(name, texts)
        if not named:
            self.add_error(None, sentence(refusal))
        return cleaned

    return type("RefusedForm", (form,), {"clean": clean})
