"""Who answers which turn. Each handler is a condition and a reply; `build_skill` gives their order."""
