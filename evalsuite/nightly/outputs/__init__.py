"""A `Gate` in the formats that CI systems read; each file is a pure function of the gate."""

from evalsuite.nightly.outputs.files import write_outputs

__all__ = ["write_outputs"]
