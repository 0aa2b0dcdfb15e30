"""`Comparison` → one HTML page that opens from disk."""

from evalsuite.report.page import write_report
from evalsuite.report.trend import Night, Trend, trend_plot

__all__ = ["Night", "Trend", "trend_plot", "write_report"]
