"""Lambda on this machine: runs a bundle under Amazon's own runtime client, as one execution environment or several.

What is emulated is the service's side of the Runtime API and the life of an environment; the client (awslambdaric, or
Node's) and the bundle are the real ones. `make bench` and `make test-aws` start from here.
"""

from .environment import DEFAULT_HANDLER, Environment, InitError, Result, Usage, node_command, python_command

__all__ = ["DEFAULT_HANDLER", "Environment", "InitError", "Result", "Usage", "node_command", "python_command"]
