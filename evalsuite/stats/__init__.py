"""Pure functions of arrays: intervals and tests. Fractions of 1 throughout, never percent."""
