"""What developers run: the build, the checks of the content, the evaluation. Never part of the bundle or the service."""
