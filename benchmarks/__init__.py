"""Measurements: ratios against baselines of the same run, and figures with the caps they assume."""
