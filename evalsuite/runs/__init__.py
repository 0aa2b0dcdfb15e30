"""Plan, runner, store and provenance: everything that costs GPU hours, and what it leaves."""
