"""All settings, read from the environment; secure unless HANDOVER_LOCAL=1 says that this is a try-out on one's own machine.

README.md lists the variables. `manage.py check --deploy` is clean with the production environment described there.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from handover.server import embedded, env

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL = env.flag("HANDOVER_LOCAL")
DEBUG = env.flag("HANDOVER_DEBUG") and LOCAL
VAR = Path(env.text("HANDOVER_VAR", str(BASE_DIR / "var")))

# -- Who may reach it -----------------------------------------------------------------------------------------------------
SECRET_KEY = env.secret_key(LOCAL, VAR)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("HANDOVER_HOSTS", "localhost,127.0.0.1,[::1]" if LOCAL else "")
FRAME_ANCESTORS = env.words("HANDOVER_FRAME_ANCESTORS")  # who may show our pages in a frame: the chat tool with our side panel
SITE_URL = env.text(
    "HANDOVER_URL", f"http://localhost:{env.number('PORT', 8000)}" if LOCAL else f"https://{(ALLOWED_HOSTS or ['localhost'])[0]}"
)
CSRF_TRUSTED_ORIGINS = env.words("HANDOVER_TRUSTED_ORIGINS")
PROXIES = env.number("HANDOVER_PROXIES", 0)  # how many reverse proxies of ours stand before us and set X-Forwarded-*
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

# -- What it is made of -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "handover",
    "tickets",
    "handover.apps.SetUpAdmin",  # django.contrib.admin with our policy
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",  # asked for by allauth's list of passkeys
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.dingtalk",
    "allauth.socialaccount.providers.feishu",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
    "csp",
]


MIDDLEWARE = [
    "handover.server.health.HealthMiddleware",  # first: a probe knows neither our host name nor HTTPS
    "handover.shell.pulse.PulseMiddleware",  # before the log, too: it comes every 1.2 seconds from every open page
    "handover.server.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before whatever may refuse early: those pages are ours, too
    "handover.server.limits.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "handover.server.requests.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "handover.server.limits.TextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Old browsers know no frame-ancestors; the header cannot name a friend, so it goes where one is named.
    *([] if FRAME_ANCESTORS else ["django.middleware.clickjacking.XFrameOptionsMiddleware"]),
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tickets.web.middleware.MemberMiddleware",
    "handover.duty.seen.SeenMiddleware",
    "handover.duty.gate.GateMiddleware",
    "tickets.web.scopes.ScopeMiddleware",
    "tickets.web.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "handover.urls"
WSGI_APPLICATION = "handover.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Pages: Jinja2 for ours (a list costs a seventh of what Django's language costs), Django's for admin and allauth's rarer pages
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "handover.jinja.environment",
            "autoescape": True,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "handover.server.widgets.Renderer"

# -- Data ---------------------------------------------------------------------------------------------------------------------
# Without DATABASE_URL the embedded server under var/ is used; `manage.py up` starts it.
DATABASE_URL = env.text("DATABASE_URL") or embedded.recorded_url(VAR)
_POOL = {"min_size": env.number("HANDOVER_POOL_MIN", 1), "max_size": env.number("HANDOVER_POOL_MAX", 12), "timeout": 10}
DATABASES = {"default": env.database(DATABASE_URL, _POOL if env.flag("HANDOVER_POOL", True) else None)}
ATOMIC_REQUESTS = False  # each action is its own transaction; see docs/house.md

# Counters of the rate limits must be one for all processes, so the shared cache is a table. What may differ from process
# to process for a few seconds goes to "local".
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "handover_cache", "OPTIONS": {"MAX_ENTRIES": 20000}},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "handover"},
}

FILES = Path(env.text("HANDOVER_FILES", str(VAR / "files")))  # attachments; never served but through a view that asks who may
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("HANDOVER_STATIC_ROOT", str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED_STATIC = env.flag("HANDOVER_HASHED_STATIC", not LOCAL)  # needs collectstatic; `manage.py up` does it and turns this on
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES, "base_url": None}},
    "staticfiles": {
        "BACKEND": "handover.shell.storage.HashedStaticFiles" if HASHED_STATIC else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HASHED_STATIC

# A pasted text may be long; a file comes as an upload and is spooled to disk above 2.5 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
ATTACHMENT_MAX_BYTES = env.number("HANDOVER_ATTACHMENT_MB", 10) * 1024 * 1024
ATTACHMENT_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"]
# Anything above is refused before it is read; see handover/server/limits.py.
IMPORT_MAX_BYTES = env.number("HANDOVER_IMPORT_MB", 500) * 1024 * 1024

# A team's mailbox is read over TLS; a server inside one's own network must be allowed by whoever runs this system.
IMAP_PRIVATE_HOSTS = env.flag("HANDOVER_IMAP_PRIVATE_HOSTS")
IMAP_CA_FILE = env.text("HANDOVER_IMAP_CA_FILE")

# -- Words and time -------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.text("HANDOVER_LANGUAGE", "en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese")), ("zh-hant", _("Traditional Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["handover.formats"]  # English dates as the pages write them: the day first, 24 hours
TIME_ZONE = "UTC"

# -- Signing in ---------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "tickets.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

ACCOUNT_ADAPTER = "handover.server.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "handover.server.accounts.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the manager, who knows whose address it is
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if LOCAL else "https"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False  # desks are shared between shifts: the session ends with the browser
ACCOUNT_RATE_LIMITS = {
    "login": env.text("HANDOVER_RATE_LOGIN", "60/m/ip"),  # a team behind one address signs in at the same minute
    "login_failed": env.text("HANDOVER_RATE_LOGIN_FAILED", "30/m/ip,5/5m/key"),
}
MFA_ADAPTER = "handover.server.accounts.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from the manager and are never verified; a second factor is wanted all the more
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Handover"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL

SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, object]] = {}
IDENTITY_HOSTS: list[str] = []  # where a sign-in form may lead to; part of the CSP
if env.text("OIDC_SERVER_URL"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "EMAIL_AUTHENTICATION": env.flag("OIDC_TRUST_EMAIL"),
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.text("OIDC_NAME", "OpenID Connect"),
                "client_id": env.text("OIDC_CLIENT_ID"),
                "secret": env.text("OIDC_SECRET"),
                "settings": {"server_url": env.text("OIDC_SERVER_URL")},
            }
        ],
    }
    IDENTITY_HOSTS += ["/".join(env.text("OIDC_SERVER_URL").split("/")[:3]), *env.words("OIDC_FORM_HOSTS")]
for _provider, _host in (("dingtalk", "https://login.dingtalk.com"), ("feishu", "https://open.feishu.cn")):
    if env.text(f"{_provider.upper()}_CLIENT_ID"):
        SOCIALACCOUNT_PROVIDERS[_provider] = {
            "APPS": [{"client_id": env.text(f"{_provider.upper()}_CLIENT_ID"), "secret": env.text(f"{_provider.upper()}_SECRET")}]
        }
        IDENTITY_HOSTS.append(_host)

# -- Cookies, transport, CSP ----------------------------------------------------------------------------------------------------
# Sessions are rows: signing out or deactivating somebody ends them at once, on every server.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.number("HANDOVER_SESSION_HOURS", 14) * 3600  # longer than the longest shift
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "None" if FRAME_ANCESTORS and not LOCAL else "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "sessionid" if LOCAL else "__Host-session"
CSRF_COOKIE_NAME = "csrftoken" if LOCAL else "__Host-csrf"
CSRF_FAILURE_VIEW = "handover.server.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = not LOCAL and env.flag("HANDOVER_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 0 if LOCAL else env.number("HANDOVER_HSTS_SECONDS", 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *IDENTITY_HOSTS],
        "frame-ancestors": FRAME_ANCESTORS or [NONE],
    }
}

# -- API ------------------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tickets.web.rest.MemberAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["tickets.web.rest.Json"],
    "DEFAULT_PARSER_CLASSES": [
        "tickets.web.rest.WellFormed",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "tickets.web.rest.Cursor",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "tickets.web.schema.Described",
    "EXCEPTION_HANDLER": "tickets.web.rest.problem",
    "DEFAULT_THROTTLE_CLASSES": [
        "handover.server.throttles.UserThrottle",
        "handover.server.throttles.AnonymousThrottle",
        "handover.server.throttles.LoginThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.text("HANDOVER_RATE_API_USER", "1200/min") or None,
        "anon": env.text("HANDOVER_RATE_API_ANON", "60/min") or None,
        "login": env.text("HANDOVER_RATE_API_LOGIN", "10/min") or None,
    },
    "NUM_PROXIES": PROXIES,
    "COERCE_DECIMAL_TO_STRING": True,
    "DATETIME_FORMAT": None,  # as they are: the renderer writes them in UTC
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
TOKEN_CALLS_PER_MINUTE = int(env.text("HANDOVER_RATE_API_TOKEN", "600/min").removesuffix("/min") or 0)  # over all processes; 0: no limit
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105 - a model
REST_KNOX = {
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
    "TOKEN_TTL": timedelta(hours=env.number("HANDOVER_TOKEN_HOURS", 24 * 90)),
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": 20,
    "TOKEN_PREFIX": "handover_",
    "AUTH_HEADER_PREFIX": "Token",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Handover",
    "DESCRIPTION": "One customer's matter is never passed between four agents. Whoever belongs to several teams names one: `?team=` or "
    "the header `X-Team`, with the team's short name.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "tickets.web.schema.add_common"],
    "ENUM_NAME_OVERRIDES": {
        "ComplaintLevel": "tickets.ticket.models.Ticket.Complaint",
        "ContactOutcome": "tickets.ticket.actions.talking.OUTCOMES",
        "ReasonFault": "tickets.ticket.models.Reason.Fault",
        "LetterOutcome": "tickets.mail.models.Letter.Outcome",
        "TokenScope": "tickets.people.scopes.Scope",
        "TicketKind": "tickets.ticket.models.Ticket.Kind",
        "NoticeKind": "handover.notice.models.Notice.Kind",
        "SettlementKind": "tickets.return_form.models.Settlement.Kind",
        "ReturnResolution": "tickets.return_form.models.Resolution",
        "ReturnOutcome": "tickets.return_form.models.Outcome",
        "ReturnFault": "tickets.return_form.models.Fault",
    },
}

# -- Jobs -------------------------------------------------------------------------------------------------------------------------
# Every room's jobs.py registers its tasks.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = [
    f"{file.parts[-3]}.{file.parts[-2]}.jobs"
    for package in ("tickets", "handover")
    for file in sorted((BASE_DIR / package).glob("*/jobs.py"))
]

# -- Messages out -------------------------------------------------------------------------------------------------------------------
# On one's own machine nothing leaves by e-mail unless a server is named: each letter is a file under var/mail.
EMAIL_BACKEND = (
    "django.core.mail.backends.filebased.EmailBackend"
    if LOCAL and not env.text("EMAIL_HOST")
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_FILE_PATH = VAR / "mail"
WEBHOOK_ALLOW = env.words("HANDOVER_WEBHOOK_ALLOW")  # networks (or host names) inside that webhooks may call; else public ones only
MESSAGE_SCHEMES = env.words("HANDOVER_MESSAGE_KINDS")  # apprise schemes taken beside those whose server the platform fixes
EMAIL_HOST, EMAIL_PORT = env.text("EMAIL_HOST", "localhost"), env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_USER"), env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "handover@localhost")

# -- Logs: one JSON object a line on standard error, each with the request's id -----------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "handover.server.logs.RequestFilter"}},
    "formatters": {"json": {"()": "handover.server.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": env.text("HANDOVER_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django.db.backends": {"level": "INFO"},
        "django.request": {"level": "ERROR"},  # a 4xx has its request line already
        "procrastinate": {"level": "WARNING"},
    },
}
