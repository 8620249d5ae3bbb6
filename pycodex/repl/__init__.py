"""The interactive session: a conversation that runs, and the terminal before it."""
