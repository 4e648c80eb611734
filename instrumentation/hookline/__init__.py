"""Hookline's light half: the hook, the relay and the command line.

Lives on the developer's machine. Imports nothing of `hookline_collector` at module level and none of its dependencies.
"""

from hookline.version import VERSION

__version__ = VERSION
__all__ = ["VERSION", "__version__"]
