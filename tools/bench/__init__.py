"""Measures us beside our peers: the same work, on the same computer, in the same minutes, told as ratios.

Knows the doors from outside, as Alexa does; nothing that is served or shipped may import it.
"""
