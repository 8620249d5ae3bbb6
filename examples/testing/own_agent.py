"""An agent of one's own, as small as can be: it asks once and prints the answer. `own_agent.py BASE_URL PROMPT`"""

import json
import sys
import urllib.request


def ask(base_url: str, prompt: str) -> str:
    """The text of the model's message."""
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt}]}
    body = {"model": "gpt-5.5", "stream": True, "input": [message]}
    head = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    request = urllib.request.Request(f"{base_url}/responses", json.dumps(body).encode(), head)
    with urllib.request.urlopen(request) as answer:
        events = [json.loads(line[6:]) for line in answer if line.startswith(b"data: ")]
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    return "".join(part["text"] for item in done for part in item["content"])


if __name__ == "__main__":
    print(ask(*sys.argv[1:]))
