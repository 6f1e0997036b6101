"""WALKS the dialogue at random and checks what must hold in every conversation. Never ships.

`sayings` knows what people say and what it means, `person` chooses what is said next, `wire` makes raw requests,
`promises` checks each reply, `run` plays, shrinks and counts. What a reply should be is never asked of the skill.
"""
