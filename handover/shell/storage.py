"""Static files under names that carry their content's hash, so that a browser keeps them for ever."""

from collections.abc import Callable
from re import Match

from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "js/"


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, which also rewrites `import … from "./x.js"` in our modules: an old one never meets a new one.

    Scripts of installed packages stay as they are: some name files that they do not ship.
    """

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, *args: object, **kwargs: object) -> Callable[[Match[str]], str]:
        if name.endswith(".js") and not name.startswith(OURS):
            return lambda found: found.group(0)
        return super().url_converter(name, *args, **kwargs)
