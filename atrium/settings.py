"""Django's settings, one flat file. What an operator decides is read from ``environment``."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from atrium.environment import CHECKOUT, environment
from atrium.kit.boot import (
    database_from,
    folder,
    has_sandbox,
    mail_from,
    public_address,
    secret_keys,
)
from atrium.kit.limits import LIMITS

DATA = folder(environment.data)
ATRIUM = environment

SECRET_KEY, *SECRET_KEY_FALLBACKS = secret_keys(
    given=environment.secret_key.get_secret_value(),
    keep_in=DATA / "keys" / "secret",
    mode=environment.mode,
)
DEBUG = False
PRODUCTION = environment.mode == "production"
SANDBOX = has_sandbox(given=environment.sandbox, mode=environment.mode)
PUBLIC_ADDRESS = public_address(
    given=environment.public_url, port=environment.port, mode=environment.mode
)
# Links never come from the Host header (RULES 17), so any name may reach us; the browser's own
# Origin check is against the public address.
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "atrium.web",
    "atrium.jobs",
    "atrium.events",
    "atrium.audit",
    "atrium.options",
    "atrium.people",
    "atrium.notifications",
    "atrium.moderation",
    "atrium.files",
    "atrium.ledger",
    "atrium.payments",
    "atrium.plans",
    "atrium.engines",
    "atrium.metering",
    "atrium.sources",
    "atrium.handbook",
    "atrium.chat",
    "atrium.privacy",
    "atrium.home",
    "atrium.console",
    "atrium.console.apps.SiteConfig",
    "atrium.api",
    "atrium.compat",
    # After our own rooms, so that their templates are found before allauth's.
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.facebook",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.headless",
]

MIDDLEWARE = [
    "atrium.web.middleware.headers",
    "atrium.web.middleware.refusals",
    "atrium.people.middleware.sessions",
    "atrium.people.middleware.caller",
    "atrium.people.middleware.locale",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "atrium.options.middleware.rooms",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "atrium.urls"
ASGI_APPLICATION = "atrium.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "atrium.web.shell.context",
            ],
            "builtins": ["atrium.web.templatetags.ui", "django.templatetags.i18n"],
        },
    },
]

DATABASES = {"default": database_from(environment.database_url, data=DATA)}
# The admin's own log is not installed (see atrium.console.apps), so neither is its table.
MIGRATION_MODULES = {"admin": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["atrium.people.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

# The flows are allauth's: their pages, words, limits and rows are ours (see people/adapters/).
ACCOUNT_ADAPTER = "atrium.people.adapters.account.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
# Our actions send the links and keep User.email (people/actions/mail_addresses.py).
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_USER_DISPLAY = str
ACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_ADAPTER = "atrium.people.adapters.social.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_QUERY_EMAIL = True
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_TOKEN_STRATEGY = "atrium.people.adapters.tokens.TokenStrategy"  # noqa: S105
MFA_ADAPTER = "atrium.people.adapters.second_factor.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # such an address neither lets anybody in nor resets anything
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# allauth counts its tries in Django's cache, exactly only in one that all processes share.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
        # Never culled, or a flood would push counts out; the clock clears what ended.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000_000},
    },
}

SESSION_ENGINE = "atrium.people.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PUBLIC_ADDRESS.startswith("https://")
SESSION_COOKIE_NAME = "__Host-session" if SESSION_COOKIE_SECURE else "session"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_NAME = "__Host-csrf" if SESSION_COOKIE_SECURE else "csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "atrium.web.refusals.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W004", "security.W008"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [CHECKOUT / "atrium" / "locale"]
FORMAT_MODULE_PATH = "atrium.web.formats"
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "atrium.web.static_files.HashedFiles"},
}

FILES_ROOT: Path = DATA / "files"
FILE_UPLOAD_TEMP_DIR = str(folder(DATA / "incoming"))
FILE_UPLOAD_HANDLERS = [
    "atrium.files.form_names.NamesAreNames",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = LIMITS.form_fields
DATA_UPLOAD_MAX_NUMBER_FILES = LIMITS.form_files

globals().update(mail_from(environment.email_url))

JOB_LEASE_SECONDS = environment.job_lease_seconds
LOGGING_CONFIG = "atrium.web.logs.configure"
LOGGING = {"production": PRODUCTION}
