"""The public names: `MockAxle`, `World` and `__version__`, each loaded on first use."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockaxle.testing.mock import MockAxle
    from mockaxle.testing.world import World

__all__ = ["MockAxle", "World", "__version__"]
__version__: str


def __getattr__(name: str) -> Any:
    from importlib import import_module, metadata

    if name == "__version__":
        return metadata.version("mockaxle")
    if name not in __all__:
        raise AttributeError(f"module 'mockaxle' has no attribute {name!r}")
    return getattr(import_module(f"mockaxle.testing.{'mock' if name == 'MockAxle' else 'world'}"), name)
