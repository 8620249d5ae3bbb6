"""The server check: the recorded traffic of codex-cli, sent to any Responses server.

    revive   a recorded request -> one that can be sent again: fresh ids and times, another model
    cases    what is sent: a table of recorded requests, and of what is asked beside them
    talk     sends it, over HTTP or a WebSocket
    judge    answers -> findings, with what a case wants of its answer
    check    all of it in order, and the lines that a person reads

How an answer is judged stands in fake_server.findings; what a codex user sees of it is read from recordings
(captures.sightings).
"""
