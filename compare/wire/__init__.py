"""`docs/WIRE.md`: what codex-cli sends and how it reads the answer, for people who build a server.

sections  which scenarios speak of what
facts     recordings -> what they show: traffic, headers, body keys, items, tools, connections
render    the page
command   `python -m compare wire`
"""
