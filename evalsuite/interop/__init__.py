"""Answers of other harnesses, in and out."""
