"""A library is patched when the application imports it, and never imported for our sake: a service pays for no client that it has and does not use.

What is imported already is patched at once. For the rest a finder stands first in `sys.meta_path`: it finds nothing itself, but lets what the others
find tell us when it was loaded. It goes with `uninstrument`, and looks at nothing but the few names that it waits for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from hookline.services.patches import Patches


class ImportWatch(MetaPathFinder):
    """Waits for libraries; `act` of each is called once, when it was imported."""

    def __init__(self, patches: Patches) -> None:
        self._waiting: dict[str, Callable[[], object]] = {}
        sys.meta_path.insert(0, self)
        patches.on_undo(self._stop)

    def when_imported(self, name: str, act: Callable[[], object]) -> None:
        """Act now if a library is imported already, else when it is."""
        if name in sys.modules:
            act()
        else:
            self._waiting[name] = act

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return what the other finders find, with a word to us when it is loaded; None for all that nobody waits for."""
        act = self._waiting.pop(fullname, None)
        if act is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(fullname, path, target) if finder is not self else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _TellingLoader(spec.loader, act)  # type: ignore[assignment] # it is one by what it can do
                return spec
        self._waiting[fullname] = act
        return None

    def _stop(self) -> None:
        self._waiting.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _TellingLoader:
    """A loader that is as another, and says when it has loaded."""

    def __init__(self, loader: Any, act: Callable[[], object]) -> None:
        self._loader = loader
        self._act = act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Load, leave no trace of ourselves, and tell."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._act()
