"""Errors of the model package; each class says in its docstring what went wrong."""


class ModelError(Exception):
    """A model could not be obtained, built, verified or loaded."""


class SourceError(ModelError):
    """The pinned weight package could not be downloaded, or its hash is not the pinned one."""


class FormatError(ModelError):
    """A weight file is truncated, of another version, or contradicts itself."""


class VerificationError(ModelError):
    """A built model does not reproduce the known embeddings closely enough."""
