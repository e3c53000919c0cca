"""What order exports look like, platform by platform.

One small module per source declares its columns and turns a row into a `SourceOrder`; nothing here touches the
database. `recognise()` tells a file's source from its columns, `read_orders()` streams the orders of a file.
How a new source is added: docs/importing.md.
"""

from .recognise import SOURCES, recognise, source_by_code
from .record import BadCell, Problem, Source, SourceLine, SourceOrder
from .stream import Reading, read_orders

__all__ = [
    "SOURCES",
    "BadCell",
    "Problem",
    "Reading",
    "Source",
    "SourceLine",
    "SourceOrder",
    "read_orders",
    "recognise",
    "source_by_code",
]
