"""What is remembered of a person from session to session, behind the kit's persistence interface."""

from __future__ import annotations

from collections.abc import Mapping

from ask_sdk_core.attributes_manager import AttributesManager
from ask_sdk_core.exceptions import AttributesManagerException

from store import StoreError

from .preferences import Preferences, read


class NotForgottenError(Exception):
    """Somebody who left may still be remembered."""


class Memory:
    """The store, for one request: asked when somebody wants to know, once, and never before.

    Never raises, and waits no longer than the store's patience. Where there is no store, nothing is remembered.
    """

    def __init__(self, manager: AttributesManager) -> None:
        self.known: Preferences | None = None  # what the store said to this request
        self._manager = manager
        self._asked = False

    def load(self) -> Preferences | None:
        """What is remembered; None where the store gives no answer now. A later turn may ask again."""
        if not self._asked:
            self._asked = True
            try:
                self.known = read(self._manager.persistent_attributes)
            except AttributesManagerException:  # no store
                self.known = Preferences()
            except StoreError:
                pass
        return self.known

    def save(self, changed: Mapping[str, str]) -> None:
        """Has fields of the preferences remembered, beside the others. If it fails, they hold for the session."""
        try:
            self._manager.persistent_attributes = dict(changed)
            self._manager.save_persistent_attributes()
        except (AttributesManagerException, StoreError):
            pass

    def forget(self) -> bool:
        """Has everything forgotten; False where it may not have been."""
        try:
            self._manager.delete_persistent_attributes()
        except AttributesManagerException:  # no store
            pass
        except StoreError:
            return False
        return True
