"""What developers run: the build, the content checks, the evaluation. Never part of the bundle or the service."""
