"""`ui`: every macro of templates/_parts/, reachable from any template, block or fragment without an import.

A fragment is rendered by calling its block alone, so `{% from … import … %}` at the top of the page has not run by then;
a global has. Macros are looked up by name over the part files.
"""

from jinja2 import Environment

FILES = ("buttons", "fields", "marks", "layout", "lists", "charts")


class Parts:
    """`ui.button(…)` finds the macro `button` in templates/_parts/*.html."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str):
        for file in FILES:
            macro = getattr(self._environment.get_template(f"_parts/{file}.html").module, name, None)
            if macro is not None:
                if not self._environment.auto_reload:
                    setattr(self, name, macro)  # the next page finds it without asking every part file
                return macro
        raise AttributeError(f"no macro {name!r} in templates/_parts")
