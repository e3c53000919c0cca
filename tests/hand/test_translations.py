"""Both Chinese catalogs say everything the sources say: nothing missing, guessed, left over or broken; and the trade's words are one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
LANGUAGES = ("zh_Hans", "zh_Hant")
HOLE = re.compile(r"%(?:\(\w+\))?[a-z%]|\{\w*\}")
BRANDS = "Discord|Google Chat|Lark|PushPlus|Pushover|Slack|Telegram|Webex|WxPusher|Shopify|DingTalk|Excel"
SAME_EVERYWHERE = re.compile(rf"[\W\d_]*|[\W\d_]*(?:%\(\w+\)s[\W\d_]*)+|API|CSV|csv|xlsx|SKU|MB|PDF|Webhook|JSON|TLS|{BRANDS}", re.ASCII)


def catalog(language: str, folder: Path = ROOT / "locale") -> Catalog:
    with (folder / language / "LC_MESSAGES" / "django.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def source(message: Message) -> str:
    """The English text whose places the translation must fill: of two plural forms the second, which names its number."""
    return message.id if isinstance(message.id, str) else message.id[1]


def wrong(found: Catalog) -> list[str]:
    """What a reader of this catalog would trip over, one line for each message."""
    lines = []
    for message in found:
        if not message.id:
            continue
        for text in texts(message):
            if not text.strip():
                lines.append(f"missing: {source(message)}")
            elif sorted(HOLE.findall(text)) != sorted(HOLE.findall(source(message))):
                lines.append(f"placeholders differ: {source(message)} → {text}")
            elif source(message)[-1:] == "\n" != text[-1:]:
                lines.append(f"line end differs: {source(message)}")
        if message.fuzzy:
            lines.append(f"fuzzy: {source(message)}")
        if len(texts(message)) != (found.num_plurals if not isinstance(message.id, str) else 1):
            lines.append(f"plural forms: {source(message)}")
    return lines


HAN = "[\u3400-\u9fff]"
ASCII_BESIDE_HAN = re.compile(rf"{HAN}\s?[,:;!?](?!\d)|(?<![\d/])[,:;!?]\s?{HAN}|\)s[,:;!?]\s?(?:{HAN}|%\(|$)|{HAN}\.(?:\s|$)")
JOINED_IN_CODE = re.compile(r"""join\("[,;:] "\)|"[,;:] " if not loop|loop\.last %\}[,;:] |\}\}(?:</\w+>)?: ?(?:<(?!/)|\{\{)""")
OF_MACHINES = ("_parts/charts.html", "tickets/order/push_door.html")
"""What is told to programs or is the title of a dot in a drawing, of which a page may have hundreds."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_chinese_has_chinese_punctuation(language: str) -> None:
    beside = [text for message in catalog(language) if message.id for text in texts(message) if ASCII_BESIDE_HAN.search(text)]
    assert [text for text in beside if "?platform=" not in text] == []


def test_what_a_page_joins_is_joined_as_its_language_does() -> None:
    pages = ROOT / "templates"
    files = [page for page in pages.rglob("*.html") if page.relative_to(pages).as_posix() not in OF_MACHINES]
    assert [f"{page.name}: {found}" for page in files for found in JOINED_IN_CODE.findall(page.read_text())] == []


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the catalogs after `make messages` has read code and pages as they are now."""
    place = tmp_path_factory.mktemp("messages")
    for name in ("handover", "tickets", "templates", "locale", "scripts"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "babel.cfg", place)
    collect(place)
    return place


def collect(place: Path) -> None:
    env = {"VENV": sys.prefix, "PATH": "/usr/bin:/bin"}
    made = subprocess.run(["sh", "scripts/messages.sh"], cwd=place, env=env, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(fresh: Path, language: str) -> None:
    assert wrong(catalog(language, fresh / "locale")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_collecting_the_texts_twice_changes_nothing(fresh: Path, language: str) -> None:
    name = f"locale/{language}/LC_MESSAGES/django.po"
    once = (fresh / name).read_text()
    collect(fresh)
    assert (fresh / name).read_text() == once == (ROOT / name).read_text(), "run `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    plain = [source(m) for m in catalog(language) if m.id and source(m) in texts(m) and not SAME_EVERYWHERE.fullmatch(source(m))]
    assert plain == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('msgid "Taken by %(name)s"\nmsgstr ""', "missing"),
        ('msgid "Taken by %(name)s"\nmsgstr "%(nmae)s 接手"', "placeholders differ"),
        ('msgid "Taken by %(name)s"\nmsgstr "接手"', "placeholders differ"),
        ('#, fuzzy\nmsgid "Taken"\nmsgstr "接手"', "fuzzy"),
        ('msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "一天"', "placeholders differ"),
    ],
)
def test_a_broken_message_is_found(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "broken.po").write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{text}\n')
    with (tmp_path / "broken.po").open("rb") as opened:
        lines = wrong(read_po(opened, locale="zh_Hans"))
    assert [line.partition(":")[0] for line in lines] == [said]


TRADE = {
    "Shop": "店铺", "Customer": "顾客", "Handle": "账号", "Order": "订单", "Order lines": "商品行", "Tickets": "工单",
    "Holder": "负责人", "Promise": "承诺", "Roster": "排班", "Swaps": "换班", "Duty": "值班", "Handover notes": "交接单",
    "Digest": "交班摘要", "Notice": "公告", "Complaint": "投诉", "Compensation": "赔付", "Campaign": "活动",
    "Patterns": "班制", "Shift": "班次", "Team": "团队", "inspection": "验货", "decision": "裁定",
}  # fmt: skip


def test_the_trade_s_words() -> None:
    with translation.override("zh-hans"):
        assert {word: translation.gettext(word) for word in TRADE} == TRADE


def test_traditional_readers_get_words_of_their_own() -> None:
    """Taiwan and Hong Kong do not say what a mere change of script would give."""
    with translation.override("zh-hant"):
        said = {word: translation.gettext(word) for word in ("Handle", "File", "Save", "Courier", "Import", "Shop", "Tickets")}
    assert said == {
        "Handle": "帳號",
        "File": "檔案",
        "Save": "儲存",
        "Courier": "物流",
        "Import": "匯入",
        "Shop": "商店",
        "Tickets": "案件",
    }


SIMPLIFIED_ONLY = re.compile("[们这个会对时为过动员单号订诺请说谁该还没设务业东丢严两为举义乐习书买乱争亚产亲亿仅从仓价众优伟传伤伦]")


def test_no_simplified_sign_slips_into_the_traditional_pages() -> None:
    slipped = [text for m in catalog("zh_Hant") if m.id for text in texts(m) if SIMPLIFIED_ONLY.search(text)]
    assert slipped == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "sign_in", "lang"), [("zh-CN", "登录", "zh-hans"), ("zh-TW", "登入", "zh-hant"), ("zh-HK", "登入", "zh-hant")]
)
def test_the_browser_s_language_is_the_default(asked: str, sign_in: str, lang: str) -> None:
    html = Client().get("/", headers={"accept-language": asked}, follow=True).content.decode()
    assert sign_in in html
    assert re.search(rf'<html lang="{lang}', html, re.I)


def test_the_scripts_speak_the_page_s_language() -> None:
    html = Client().get("/styleguide/", headers={"accept-language": "zh-CN"}).content.decode()
    said = re.search(r'id="words"([^>]*)>', html)
    assert said
    english = [value for value in re.findall(r'data-[\w-]+="([^"]*)"', said[1]) if value and not re.search(r"[\u4e00-\u9fff、]", value)]
    assert english == []


def test_every_word_the_scripts_ask_for_is_given() -> None:
    given = set(re.findall(r"data-([\w-]+)=", (ROOT / "templates/_parts/words.html").read_text()))
    asked = {
        re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
        for script in (ROOT / "static/js").glob("*.js")
        for name in re.findall(r'\bword\("(\w+)"', script.read_text())
    }
    assert asked
    assert asked - given == set()
