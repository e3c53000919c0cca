"""A folder for a server of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handover.server.embedded import end_orphan
from handover.server.pgplace import base


@contextmanager
def folder_of_a_server() -> Iterator[Path]:
    """Below /tmp and not pytest's own folder, which is closed to the user that runs root's servers."""
    folder = Path(tempfile.mkdtemp(prefix="handover-var-"))
    folder.chmod(0o711)
    yield folder
    end_orphan(folder / "pg")
    shutil.rmtree(base(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def var() -> Iterator[Path]:
    with folder_of_a_server() as folder:
        yield folder
