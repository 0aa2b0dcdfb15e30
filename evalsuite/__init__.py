"""Paired accuracy evaluation of quantised LLMs: may the FP4 checkpoint replace the FP8 one?"""

__version__ = "0.1.0"
