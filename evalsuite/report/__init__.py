"""Comparisons → one HTML page that opens from disk, and the files beside it."""

from evalsuite.report.compared import Compared
from evalsuite.report.page import Extent, write_report
from evalsuite.report.trend import Night, Trend, trend_plot

__all__ = ["Compared", "Extent", "Night", "Trend", "trend_plot", "write_report"]
