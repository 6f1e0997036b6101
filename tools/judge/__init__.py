"""Judges the interaction model a second way: by methods that know nothing of our recogniser (`make judge`)."""
