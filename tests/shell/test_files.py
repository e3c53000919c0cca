"""The files that browsers fetch: few, small, licensed, from nowhere else."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.test import Client

from handover.shell.storage import CompressorOfChanges

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
OURS = sorted([*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")])
FIRST_VISIT = 60_000
"""Bytes, compressed, of everything a first visit fetches. The promise is 150 KB all in; ours leaves the rest to photographs."""


def linked(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', html))


def test_the_first_visit_is_small() -> None:
    html = Client().get("/styleguide/").content
    files = {name: (STATIC / name).read_bytes() for name in linked(html.decode())}
    assert "vendor/htmx.min.js" in files and "js/app.js" in files and "css/parts.css" in files
    weight = len(brotli.compress(html)) + sum(len(brotli.compress(body)) for body in files.values())
    assert weight <= FIRST_VISIT, f"{weight} bytes"


def test_every_module_is_fetched_at_once() -> None:
    """A module that is only found by reading another one costs a round trip."""
    html = Client().get("/styleguide/").content.decode()
    needed, found = ["app.js"], {"app.js"}
    while needed:
        fresh = set(re.findall(r'from "\./([\w.]+)"|import "\./([\w.]+)"', (STATIC / "js" / needed.pop()).read_text()))
        names = {first or second for first, second in fresh} - found
        found |= names
        needed += names
    assert len(found) > 10
    assert {f"js/{name}" for name in found} <= linked(html)


@pytest.mark.parametrize("file", OURS, ids=lambda path: path.name)
def test_no_other_host_and_no_eval(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"https?://(?!handover\.test)|@import|\burl\(", text)
    assert not re.search(r"\beval\(|new Function|innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write", text)


@pytest.mark.parametrize("file", OURS, ids=lambda path: path.name)
def test_our_files_stay_readable(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 320


@pytest.mark.parametrize(
    ("file", "licence", "words"),
    [
        ("static/vendor/htmx.min.js", "static/vendor/htmx.LICENSE", "Zero-Clause BSD"),
        ("tests/vendor/axe.min.js", "tests/vendor/axe.LICENSE", "Mozilla Public License"),
        ("templates/_parts/icons/list.txt", "templates/_parts/icons/LICENSE", "MIT License"),
    ],
)
def test_what_others_wrote_comes_with_its_licence(file: str, licence: str, words: str) -> None:
    assert (ROOT / file).exists()
    assert words in (ROOT / licence).read_text()


def test_every_vendored_file_has_a_licence_beside_it() -> None:
    for folder in (STATIC / "vendor", ROOT / "tests" / "vendor"):
        for file in folder.iterdir():
            name = file.name.split(".")[0]
            assert (folder / f"{name}.LICENSE").exists(), file


def test_htmx_is_the_release_that_was_chosen() -> None:
    text = (STATIC / "vendor" / "htmx.min.js").read_text()
    assert 'version="4.0.1"' in text
    assert "sourceMappingURL" not in text


def test_every_icon_is_listed_and_drawn() -> None:
    folder = ROOT / "templates" / "_parts" / "icons"
    listed = {line.split()[0] for line in (folder / "list.txt").read_text().splitlines() if line}
    drawn = {path.stem for path in folder.glob("*.svg")}
    assert listed == drawn
    assert all((folder / f"{name}.svg").read_text().startswith("<") for name in drawn)


def test_icons_of_the_installed_app_have_their_sizes() -> None:
    for icon in Client().get("/manifest.webmanifest").json()["icons"]:
        data = (ROOT / icon["src"].lstrip("/")).read_bytes()
        width, height = struct.unpack(">II", data[16:24])
        assert f"{width}x{height}" == icon["sizes"]


def test_dark_is_the_same_by_device_and_by_choice() -> None:
    text = (STATIC / "css" / "tokens.css").read_text()
    by_device = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.S)
    by_choice = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', text, re.S)
    assert by_device and by_choice
    assert by_device.group(1).split() == by_choice.group(1).split()


def test_colours_are_only_in_the_tokens() -> None:
    for name in ("app.css", "parts.css"):
        text = (STATIC / "css" / name).read_text()
        print_rules = text.partition("@media print")[0]
        assert not re.search(r"#[0-9a-f]{3,8}\b", print_rules, re.I), name


def test_only_what_changed_is_compressed_anew(tmp_path: Path) -> None:
    """And what a killed run left half written."""
    file, compressor = tmp_path / "app.js", CompressorOfChanges(quiet=True)
    file.write_text("export const word = 'tea';\n" * 50)
    assert len(compressor.compress(str(file))) == 2
    assert compressor.compress(str(file)) == []
    file.write_text("export const word = 'pot';\n" * 50)
    assert len(compressor.compress(str(file))) == 2
    assert brotli.decompress((tmp_path / "app.js.br").read_bytes()) == file.read_bytes()
    for suffix in (".gz", ".br"):
        half = tmp_path / f"app.js{suffix}"
        half.write_bytes(half.read_bytes()[:20])
        assert len(compressor.compress(str(file))) == 2, suffix
        assert compressor.compress(str(file)) == []
