"""The embedded engine: a small trained reasoning model on NumPy, in FP8 and in NVFP4."""

from evalsuite.backends.embedded.backend import EmbeddedBackend

__all__ = ["EmbeddedBackend"]
