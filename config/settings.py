"""Every setting of the portal, read from the environment (docs/configuration.md lists them)."""

import os
import sys
from pathlib import Path

import environ  # type: ignore[import-untyped]
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from common.logs import logging_config
from config.env import Secrets, env, flag, number, words

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var")
VERSION = "0.1.0"

environ.Env.read_env(os.environ.get("ENV_FILE") or BASE_DIR / ".env")

# --- Mode and secrets ---------------------------------------------------------------------

DEMO = flag("DEMO")
DEBUG = flag("DEBUG")
_secrets = Secrets(demo=DEMO, store=VAR_DIR / "demo-keys.json")
SECRET_KEY = _secrets.read("SECRET_KEY")
ENCRYPTION_KEYS = [
    key.strip() for key in _secrets.read("ENCRYPTION_KEYS").split(",") if key.strip()
]
AUDIT_KEY = _secrets.read("AUDIT_KEY")
METRICS_TOKEN = _secrets.optional("METRICS_TOKEN")
ENVIRONMENT_NAME = os.environ.get("ENVIRONMENT_NAME") or ("Demo" if DEMO else "Portal")

# --- Web ----------------------------------------------------------------------------------

SITE_URL = os.environ.get("SITE_URL", "").rstrip("/") or "http://127.0.0.1:8000"
ALLOWED_HOSTS = words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEMO or DEBUG else [])
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", [SITE_URL])
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0)
HTTPS = SITE_URL.startswith("https://")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "config.apps.PortalAdminConfig",
    "config.apps.PortalConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_q",
    "axes",
    "csp",
    "common",
    "scheduling",
    "boomi",
    "analysis",
]

MIDDLEWARE = [
    "common.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.PrivateAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "common.middleware.ViewerZoneMiddleware",
    "common.middleware.PortalErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context.portal",
            ],
            "builtins": ["common.templatetags.portal"],
        },
    }
]

# --- Database -----------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/portal.sqlite3")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE is what serialises writers here: SQLite knows no row locks.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
    VAR_DIR.mkdir(parents=True, exist_ok=True)
else:
    _database.setdefault("CONN_MAX_AGE", 600)
    _database["CONN_HEALTH_CHECKS"] = True

# --- People -------------------------------------------------------------------------------

AUTH_USER_MODEL = "common.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "common.auth.EmailBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "common.auth.client_address"
AXES_USERNAME_CALLABLE = "common.auth.login_name"
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Sign-ins stand in our own audit trail; that table would only grow.
AXES_DISABLE_ACCESS_LOG = True
SESSION_COOKIE_AGE = 12 * 3600

# --- Security floor -----------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False  # htmx sends it as a header
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS and flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
if not DEBUG and not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS is empty. Name the host names the portal is reached by, comma-separated."
    )

# --- Files, uploads, storage --------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "files")},
    },
    "logs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": os.environ.get("LOG_DIR") or str(VAR_DIR / "logs")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
UPLOAD_MAX_MB = number("UPLOAD_MAX_MB", 512, least=1)
FILE_UPLOAD_TEMP_DIR = None
# The doors for logs bring a handler of their own; at every other one, the sign-in page
# included, a file would only fill the disk.
FILE_UPLOAD_HANDLERS = ["common.uploads.NoUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Language and time --------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

# --- Boomi --------------------------------------------------------------------------------

PRIMARY_ACCOUNT_ID = os.environ.get("PRIMARY_ACCOUNT_ID", "")
BOOMI_BASE_URL = os.environ.get("BOOMI_BASE_URL", "").rstrip("/") or "https://api.boomi.com"
BOOMI_HOSTS = words("BOOMI_HOSTS", ["*.boomi.com"])
ALLOW_PRIVATE_ADDRESSES = flag("ALLOW_PRIVATE_ADDRESSES")
API_REQUESTS_PER_SECOND = number("API_REQUESTS_PER_SECOND", 5, least=1)
API_REQUESTS_PER_MINUTE = number("API_REQUESTS_PER_MINUTE", 100, least=1)
API_CONCURRENCY = number("API_CONCURRENCY", 5, least=1)
AUTO_SYNC_SECONDS = number("AUTO_SYNC_SECONDS", 120)
SYNC_OVERLAP_MINUTES = number("SYNC_OVERLAP_MINUTES", 30, least=1)
TOKEN_ROTATION_DAYS = number("TOKEN_ROTATION_DAYS", 90)
COMPONENT_CACHE_HOURS = number("COMPONENT_CACHE_HOURS", 24, least=1)
RETENTION_EXECUTION_DAYS = number("RETENTION_EXECUTION_DAYS", 400)
RETENTION_CONNECTOR_DAYS = number("RETENTION_CONNECTOR_DAYS", 90)
RETENTION_SUMMARY_DAYS = number("RETENTION_SUMMARY_DAYS", 400)
RETENTION_EVENT_DAYS = number("RETENTION_EVENT_DAYS", 90)
RETENTION_AUDIT_LOG_DAYS = number("RETENTION_AUDIT_LOG_DAYS", 400)
RETENTION_LOG_DAYS = number("RETENTION_LOG_DAYS", 180)
RETENTION_API_CALL_DAYS = number("RETENTION_API_CALL_DAYS", 14, least=1)
RETENTION_JOB_DAYS = number("RETENTION_JOB_DAYS", 30, least=1)
RETENTION_DELIVERY_DAYS = number("RETENTION_DELIVERY_DAYS", 90, least=1)

# --- Background work ----------------------------------------------------------------------
# The rules behind these numbers: retry > (queue_limit/workers + 2) * (timeout + 3), so that a
# prefetched task is never delivered twice; repeats belong to our own JobRun rows.

Q_WORKERS = number("Q_WORKERS", 2, least=1)
Q_CLUSTER = {
    "name": "now",
    "orm": "default",
    "workers": Q_WORKERS,
    "queue_limit": Q_WORKERS,
    "bulk": 1,
    "timeout": 120,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "scheduler": False,
    "poll": 0.5,
    "recycle": 500,
    "save_limit": 500,
    "log_level": "WARNING",
    "label": "Queue",
    "ALT_CLUSTERS": {"later": {}},
}
JOB_SLICE_SECONDS = number("JOB_SLICE_SECONDS", 60, least=1)
JOB_LEASE_SECONDS = number("JOB_LEASE_SECONDS", 30, least=2)
JOB_HEARTBEAT_SECONDS = number("JOB_HEARTBEAT_SECONDS", 8, least=1)
CLUSTER_STALE_SECONDS = number("CLUSTER_STALE_SECONDS", 90, least=3)

# --- Mail ---------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
if vars()["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend":
    EMAIL_BACKEND = "scheduling.console_mail.ConsoleBackend"
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT", 20, least=1)  # seconds for each answer of the server
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "portal@localhost")

# --- API ----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "common.api.authentication.TokenAuthentication",
        "common.api.authentication.BasicTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.parsers.PortalJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "common.api.pagination.PortalPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "common.api.exceptions.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Boomi Operations Portal",
    "DESCRIPTION": "Connections, executions, log analyses and jobs of the portal.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": True,
    # Several rows have a `status` or an `outcome`; programs that generate code want names.
    "ENUM_NAME_OVERRIDES": {
        "ConnectionStatus": "boomi.models.ConnectionState",
        "ExecutionOutcome": "boomi.models.ExecutionOutcome",
        "LogState": "boomi.models.LogState",
        "AnalysisStatus": "analysis.models.AnalysisStatus",
        "JobStatus": "scheduling.models.JobStatus",
        "JobTrigger": "scheduling.models.Trigger",
        "ScheduleOverlap": "scheduling.models.Schedule.Overlap",
        "ScheduleCatchUp": "scheduling.models.Schedule.CatchUp",
        "OccurrenceOutcome": "scheduling.models.Occurrence.Outcome",
        "DeliveryStatus": "scheduling.models.Delivery.Status",
        "ChannelKind": "scheduling.models.NotificationChannel.Kind",
        "KindEnum": "common.models.User.Kind",
        "AuditOutcome": "common.models.AuditEvent.Outcome",
        "SyncKind": "boomi.models.SyncMark.Kind",
    },
}

# --- Logs of the portal itself ------------------------------------------------------------

LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO").upper()
LOGGING_CONFIG = "common.logs.configure"
LOGGING = logging_config(LOG_LEVEL, json_lines=not sys.stderr.isatty())
# Keep this file where whoever can edit the database cannot write.
AUDIT_CHECKPOINT_FILE = Path(
    os.environ.get("AUDIT_CHECKPOINT_FILE") or VAR_DIR / "audit-checkpoints.jsonl"
)
SILENCED_SYSTEM_CHECKS = (
    [] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]
)
