"""A `Gate` in the formats that CI systems read; each file is a pure function of the gate."""

from evalsuite.nightly.outputs.files import FILES, write_outputs

__all__ = ["FILES", "write_outputs"]
