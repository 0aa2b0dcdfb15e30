"""The nightly: a gate by a policy, outputs for CI, the history and its drift."""
