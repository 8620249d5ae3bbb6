"""npm's `@modelcontextprotocol/conformance` before codex-cli and pycodex: its scenarios for clients, scored alike."""
