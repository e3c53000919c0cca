"""Lets a page in Django's template language (allauth's, the admin's) wear the shell of ours, which is Jinja2."""

from typing import Any

from django import template
from django.forms import BaseForm
from django.template import Context, NodeList, engines
from django.template.base import Node, Parser, Token
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


def drawn(html: str) -> SafeString:
    """What a template engine has rendered, and therefore escaped, already."""
    return mark_safe(html)  # noqa: S308


class Shell(Node):
    child_nodelists = ("title", "main")  # so that {% extends %} finds the blocks inside

    def __init__(self, title: NodeList, main: NodeList) -> None:
        self.title, self.main = title, main

    def render(self, context: Context) -> SafeString:
        """Both parts come rendered and escaped from Django's own engine."""
        words: dict[str, Any] = {"title": self.title.render(context).strip(), "content": self.main.render(context)}
        words["messages"] = context.get("messages")
        page = engines["jinja2"].get_template("account/frame.html")
        return drawn(page.render({**words, "content": drawn(words["content"])}, context.get("request")))


@register.tag
def shell(parser: Parser, token: Token) -> Shell:
    """`{% shell %}the title{% main %}the content{% endshell %}`"""
    title = parser.parse(("main",))
    parser.delete_first_token()
    main = parser.parse(("endshell",))
    parser.delete_first_token()
    return Shell(title, main)


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """The form's fields drawn as on every page of ours."""
    for field in form:  # a lazy text hides from Jinja2 that it is markup already (the list of password rules)
        field.help_text = str(field.help_text)
    return drawn(engines["jinja2"].get_template("account/fields.html").render({"form": form}))


@register.simple_tag
def entrance_words(which: str) -> SafeString:
    """Our own sentences on the sign-in pages; in Jinja2, where our texts are collected for translation."""
    return drawn(engines["jinja2"].get_template("account/words.html").render({"which": which}))
