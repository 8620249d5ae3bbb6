"""js_repl of 0.115.0: JavaScript in a Node that goes on between calls. See `kernel.mjs` for what runs there, `kernel`
for the process, `tools` for what the model calls."""
