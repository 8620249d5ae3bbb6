"""Code mode: the model writes JavaScript that calls the other tools. See `session` for the whole, `cell.mjs` for what
runs a program, `tools` for what the model calls."""
