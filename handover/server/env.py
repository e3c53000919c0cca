"""Reads settings from the environment: one small function per kind of value, each failing with the variable's name."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int) -> int:
    value = text(name) or str(default)
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma separated list; empty parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secret_key(local: bool, var: Path) -> str:
    """SECRET_KEY from the environment; in local mode one is made once and kept under `var/`, so that a restart signs nobody out."""
    if key := text("SECRET_KEY"):
        return key
    if not local:
        raise ImproperlyConfigured("SECRET_KEY must be set (or HANDOVER_LOCAL=1 for a try-out on this machine)")
    file = var / "secret_key"
    if not file.exists():
        var.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"secret_key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64), encoding="ascii")
        try:
            os.link(fresh, file)  # never replaces: of two processes starting at once, the first one's key stays
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text(encoding="ascii").strip()


def database(url: str, pool: dict[str, int] | None) -> dict[str, object]:
    """Django's DATABASES entry for `postgres://user:password@host:port/name?sslmode=…`; any libpq option may stand in the query."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres://; Handover runs on PostgreSQL only")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL must name its port as a number up to 65535, such as postgres://user@host:5432/name"
        ) from None
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    options.setdefault("application_name", "handover")
    if pool is not None:
        options["pool"] = pool
        # What `tickets.web.prepared` keeps is planned once, whoever asks; somebody else's pooler might lose it, so it needs our own.
        options["prepare_threshold"] = 5
        options["options"] = f"{options.get('options', '')} -c plan_cache_mode=force_generic_plan".strip()
    return {
        "ENGINE": "handover.server.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "handover",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 0,  # the pool keeps connections; a thread holding its own on top would starve it
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
