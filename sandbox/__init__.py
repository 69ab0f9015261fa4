"""A local imitation of the AtomSphere API, for demonstrations and tests.

Runs on its own (`python -m sandbox`), keeps its state in one SQLite file and
imports nothing of the portal: what the portal knows of it came over HTTP.
"""
