"""The Responses API before a chat/completions backend: vLLM, llama.cpp, Ollama, LM Studio, gateways.

request   Responses request -> chat request      names, tools, messages, content
stream    chat chunks -> Responses events        segments, calls, arguments
layer     both around one exchange with a backend; store
transport in-process, for pycodex · app, __main__ a server, for any Responses client (needs aiohttp)
"""
