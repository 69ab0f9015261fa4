"""Addresses of the pages about analyses."""

from django.urls import URLPattern, path

from analysis.views import analyses, uploads

urlpatterns: list[URLPattern] = [
    path("executions/<int:pk>/analyse/", analyses.analyse_execution, name="execution-analyse"),
    path("analyses/", analyses.analysis_list, name="analyses"),
    path("analyses/upload/", uploads.upload, name="analysis-upload"),
    path("analyses/<int:pk>/", analyses.analysis_detail, name="analysis"),
    path("analyses/<int:pk>/log/", analyses.analysis_log, name="analysis-log"),
    path("analyses/<int:pk>/result.json", analyses.analysis_json, name="analysis-json"),
    path("analyses/<int:pk>/download/", analyses.download, name="analysis-download"),
    path("analyses/<int:pk>/restart/", analyses.restart, name="analysis-restart"),
    path("analyses/<int:pk>/delete/", analyses.delete, name="analysis-delete"),
]
