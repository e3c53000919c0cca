"""What every template must keep to: each word translated, no inline script or style, no other host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from jinja2 import nodes

ROOT = Path(settings.BASE_DIR) / "templates"
SAMPLES = {"styleguide.html"}  # local mode only, for those who build pages
OURS = (path for path in ROOT.rglob("*.html") if not path.is_relative_to(ROOT / "_django") and path.name not in SAMPLES)
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in OURS)
READ_ALOUD = {"title", "aria-label", "placeholder", "alt", "data-label", "data-confirm", "data-outbox"}
SILENT = {"script", "style", "kbd", "code"}
WORD = re.compile(r"[^\W\d_]{2,}")

# which arguments of our macros are read by people: positions and names
LABEL_FIRST = {"head", "panel", "empty", "note", "fold", "toast", "progress", "badge"} | {"button", "link_button", "deed", "post", "table"}
LABEL_SECOND = {"dialog", "input", "textarea", "select", "choice", "checkbox", "member_picker", "stepper"}
NAMED = {"label", "help", "title", "text", "empty", "why_not", "confirm", "sub", "head", "clear_label"}


class Words(HTMLParser):
    """Collects what a reader would see or hear of literal HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.found += [value for name, value in attrs if name in READ_ALOUD and value and WORD.search(value)]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        attributes_of_a_macro = re.fullmatch(r'\s*[\w-]+=".*', data, re.S)
        if not self.silent and WORD.search(data) and not attributes_of_a_macro:
            self.found.append(data.strip())


def bare_words(source: str) -> list[str]:
    """Texts of a template that nobody could translate: literal HTML text, and plain strings given to our macros as labels."""
    tree = engines["jinja2"].env.parse(source)
    reader = Words()
    reader.feed("".join(piece for piece in literal(tree)))
    reader.close()
    allowed = {"交接班"}
    return [word for word in reader.found if word not in allowed] + list(plain_labels(tree))


def literal(tree: nodes.Node) -> Iterator[str]:
    """The HTML of a template as written; an expression leaves a digit in its place, so that attributes keep their quotes."""
    for output in tree.find_all(nodes.Output):
        for piece in output.nodes:
            yield piece.data if isinstance(piece, nodes.TemplateData) else "0"


def plain_labels(tree: nodes.Node) -> Iterator[str]:
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Getattr) and isinstance(call.node.node, nodes.Name) and call.node.node.name == "ui"):
            continue
        place = 0 if call.node.attr in LABEL_FIRST else 1 if call.node.attr in LABEL_SECOND else None
        read = [call.args[place]] if place is not None and len(call.args) > place else []
        read += [pair.value for pair in call.kwargs if pair.key in NAMED]
        for node in read:
            yield from (text for text in strings(node) if WORD.search(text))


def strings(node: nodes.Expr) -> Iterator[str]:
    """The constants that an argument may become: itself, or either side of `a if b else c` and of `a ~ b`."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from strings(node.expr1)
        if node.expr2:
            yield from strings(node.expr2)
    elif isinstance(node, nodes.Concat):
        for part in node.nodes:
            yield from strings(part)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_can_be_translated(name: str) -> None:
    assert bare_words((ROOT / name).read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Take it</p>",
        '<a title="Open it" href="/">{{ x }}</a>',
        '{{ ui.button("Take") }}',
        '{{ ui.input("name", "Your name") }}',
        '{{ ui.deed(_("Take"), "t", why_not="not yours") }}',
        '{{ ui.button("Yes" if x else _("No")) }}',
        "{% if x %}<b>open</b>{% endif %}",
    ],
)
def test_the_lint_finds_a_bare_word(source: str) -> None:
    assert bare_words(source)


@pytest.mark.parametrize(
    "source",
    [
        '<p class="muted">{{ _("Take it") }}</p>',
        "{% trans %}Take it{% endtrans %}",
        '{{ ui.button(_("Take"), "hand") }}',
        '{% call ui.dialog("an-id", _("Pass on")) %}{% endcall %}',
        "<kbd>Esc</kbd> · 12",
    ],
)
def test_the_lint_lets_a_marked_word_pass(source: str) -> None:
    assert bare_words(source) == []


FORBIDDEN = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.I),
    "hx-on (needs eval)": re.compile(r"\bhx-on\b", re.I),
    "a filter in hx-trigger (needs eval)": re.compile(r"hx-trigger\s*=\s*\"[^\"]*\["),
    "js: values (need eval)": re.compile(r"=\s*[\"']js:", re.I),
    "another host": re.compile(r"https?://|[\"'(]//\w", re.I),
}


@pytest.mark.parametrize("name", [*TEMPLATES, *SAMPLES])
def test_nothing_that_the_csp_refuses(name: str) -> None:
    source = re.sub(r"\{#.*?#\}", "", (ROOT / name).read_text(), flags=re.S)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_form_that_posts_carries_the_csrf_field(name: str) -> None:
    source = (ROOT / name).read_text()
    forms = re.findall(r'<form[^>]*method="post".*?</form>', source, re.S | re.I)
    assert [form[:80] for form in forms if "csrf_input" not in form] == []


def test_a_fragment_needs_nothing_that_stands_outside_of_it() -> None:
    """htmx gets a block alone: a macro or a value of the template's top is not there, and the answer fails."""
    code = "".join(file.read_text() for package in ("tickets", "handover") for file in (ROOT.parent / package).rglob("*.py"))
    fragments = set(re.findall(r'block="(\w+)"', code)) - {"addenda", "main"}  # of the frame
    wrong = []
    for name in TEMPLATES:
        tree = engines["jinja2"].env.parse((ROOT / name).read_text())
        tops = {named for node in tree.body for named in names_given(node)}
        for block in tree.find_all(nodes.Block):
            used = {found.name for found in block.find_all(nodes.Name) if found.ctx == "load"}
            own = {named for node in block.find_all((nodes.Macro, nodes.Assign, nodes.AssignBlock)) for named in names_given(node)}
            if block.name in fragments:
                wrong += [(name, block.name, missing) for missing in used & tops - own]
    assert wrong == []


def names_given(node: nodes.Node) -> Iterator[str]:
    """What a `macro` or a `set` puts into the names of a template."""
    if isinstance(node, nodes.Macro):
        yield node.name
    elif isinstance(node, nodes.Assign | nodes.AssignBlock):
        yield from (found.name for found in [node.target, *node.target.find_all(nodes.Name)] if isinstance(found, nodes.Name))
