"""`Comparison` → one HTML page that opens from disk."""

from evalsuite.report.page import write_report

__all__ = ["write_report"]
