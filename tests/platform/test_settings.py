"""The settings are secure unless somebody says that this is a try-out."""

import json
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.utils.module_loading import import_string

PRODUCTION = {
    "SECRET_KEY": "k7Yq-".join("abcdefghijklmnop") + "0123456789",
    "HANDOVER_HOSTS": "handover.example.com",
    "DATABASE_URL": "postgres://handover:secret@db.example.com/handover",
}
SHOWN = """
import json
from django.conf import settings as s
names = ["DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_NAME",
         "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "PASSWORD_HASHERS", "CSRF_COOKIE_NAME", "SESSION_ENGINE"]
print(json.dumps({n: getattr(s, n) for n in names} | {"storage": s.STORAGES["staticfiles"]["BACKEND"]}))
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, with nothing of ours in the environment."""
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "handover.settings"}
    return subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, env=bare | environment, capture_output=True, text=True, timeout=120
    )


def test_djangos_own_deployment_check_is_clean() -> None:
    """The API's schema, which the same command looks at, has its own test."""
    tags = [part for tag in ("security", "caches", "staticfiles", "templates", "urls", "models", "admin") for part in ("--tag", tag)]
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", *tags, **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_production_is_the_default() -> None:
    found = json.loads(run("-c", SHOWN, **PRODUCTION).stdout)
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["handover.example.com"]
    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"] and found["SESSION_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-") and found["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert found["SECURE_SSL_REDIRECT"] and found["SECURE_HSTS_SECONDS"] >= 31536000
    assert "Argon2" in found["PASSWORD_HASHERS"][0]
    assert found["SESSION_ENGINE"].endswith(".db"), "a session that lives in the cookie could not be ended"
    assert issubclass(import_string(found["storage"]), ManifestStaticFilesStorage), "static files have immutable names"


def test_debug_needs_local_mode() -> None:
    found = json.loads(run("-c", SHOWN, HANDOVER_DEBUG="1", **PRODUCTION).stdout)
    assert found["DEBUG"] is False


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"HANDOVER_LOCAL": "perhaps"}, "HANDOVER_LOCAL"),
    ],
)
def test_a_wrong_environment_is_named(missing: dict[str, str], name: str) -> None:
    done = run("manage.py", "check", **(PRODUCTION | missing))
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


def test_a_local_key_is_made_once_and_only_its_owner_reads_it(tmp_path) -> None:
    from handover.server.env import secret_key

    first = secret_key(local=True, var=tmp_path)
    assert first == secret_key(local=True, var=tmp_path) and len(first) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_identity_providers_come_from_the_environment() -> None:
    asked = (
        "from django.conf import settings as s; print(s.SOCIALACCOUNT_PROVIDERS, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    bare = run("-c", asked, **PRODUCTION).stdout
    assert bare.startswith("{} ")
    oidc = {"OIDC_SERVER_URL": "https://id.example.com/realms/shop", "OIDC_CLIENT_ID": "handover", "OIDC_SECRET": "s"}
    found = run("-c", asked, **PRODUCTION, **oidc, FEISHU_CLIENT_ID="cli_1", FEISHU_SECRET="s").stdout
    assert "openid_connect" in found and "feishu" in found and "dingtalk" not in found
    assert "'https://id.example.com'" in found


@pytest.mark.parametrize(
    ("url", "said"),
    [("mysql://x/y", "postgres://"), ("postgres://x@127.0.0.1:abc/y", "its port as a number")],
)
def test_a_wrong_database_url_is_named_in_one_line(url: str, said: str) -> None:
    done = run("manage.py", "migrate", **PRODUCTION | {"DATABASE_URL": url})
    assert done.returncode and said in done.stderr and "Traceback" not in done.stderr


def test_preparing_says_why_the_database_does_not_answer() -> None:
    with socket.socket() as closed:  # a port at which nobody listens
        closed.bind(("127.0.0.1", 0))
        done = run("manage.py", "prepare", **PRODUCTION | {"DATABASE_URL": f"postgres://x@127.0.0.1:{closed.getsockname()[1]}/y"})
    assert done.returncode and "does not let us in" in done.stderr and "refused" in done.stderr and "Traceback" not in done.stderr
