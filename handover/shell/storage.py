"""Static files under names that carry their content's hash, so that a browser keeps them for ever."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from re import Match
from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "js/"


class CompressorOfChanges(Compressor):
    """Compresses what does not stand compressed beside its file already: at every start but the first that is nearly nothing."""

    def compress(self, path: str) -> list[str]:
        return [] if stands_compressed(Path(path)) else super().compress(path)


def stands_compressed(file: Path) -> bool:
    """Whether both compressed files hold what the file does; one that a killed run left half written does not."""
    try:
        zipped, packed = (file.with_name(file.name + suffix).read_bytes() for suffix in (".gz", ".br"))
        return gzip.decompress(zipped) == brotli.decompress(packed) == file.read_bytes()
    except (OSError, EOFError, zlib.error, brotli.error):
        return False


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, which also rewrites `import … from "./x.js"` in our modules: an old one never meets a new one.

    Scripts of installed packages stay as they are: some name files that they do not ship.
    """

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, *args: object, **kwargs: object) -> Callable[[Match[str]], str]:
        if name.endswith(".js") and not name.startswith(OURS):
            return lambda found: found.group(0)
        return super().url_converter(name, *args, **kwargs)

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return CompressorOfChanges(**kwargs)
