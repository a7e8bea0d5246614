"""Offline build, export and running of the embedding model.

Importing this package loads nothing; ``models.build``, ``models.runtime`` and the others are
imported by name, so that a service which only runs the model never loads what builds it.
"""
