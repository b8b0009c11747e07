"""placeholder"""

from aism.land.streams import open_lines, open_stream

__all__ = ["open_lines", "open_stream"]
