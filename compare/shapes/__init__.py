"""The shapes of what codex-cli sends and prints: JSON Schemas inferred from every recording of a version.

infer    values -> a schema, and the rules of how much evidence each promise needs
collect  recordings -> the values of each shape
publish  docs/shapes/<version>/*.json, written and compared
judge    what of a request, a head, an event or a tool's output has not that shape
live     an agent behind our own proxy, judged while it runs
command  `python -m compare shapes`
"""
