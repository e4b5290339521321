"""Every module of the shared library and of the services, found from the files so that none is forgotten."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

SERVICES = tuple(sorted(found.name for found in Path("services").iterdir() if (found / "__init__.py").exists()))
WITH_ROUTES = tuple(name for name in SERVICES if name not in {"gateway", "portal"})


def modules(package: str) -> Iterator[ModuleType]:
    """The package and everything below it, but for what runs when imported."""
    root = import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            yield import_module(found.name)
