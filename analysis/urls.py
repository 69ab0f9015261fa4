"""Addresses of the pages about analyses."""

from django.urls import URLPattern, path

from analysis import views

urlpatterns: list[URLPattern] = [
    path("executions/<int:pk>/analyse/", views.analyse_execution, name="execution-analyse"),
    path("analyses/", views.analysis_list, name="analyses"),
    path("analyses/upload/", views.upload, name="analysis-upload"),
    path("analyses/<int:pk>/", views.analysis_detail, name="analysis"),
    path("analyses/<int:pk>/log/", views.analysis_log, name="analysis-log"),
    path("analyses/<int:pk>/result.json", views.analysis_json, name="analysis-json"),
    path("analyses/<int:pk>/download/", views.download, name="analysis-download"),
    path("analyses/<int:pk>/restart/", views.restart, name="analysis-restart"),
    path("analyses/<int:pk>/delete/", views.delete, name="analysis-delete"),
]
