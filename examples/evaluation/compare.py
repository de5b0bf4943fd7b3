"""Which of three models answers best? An evaluation from end to end, against a stand-in for the providers.

python examples/evaluation/compare.py [OWNER]

It asks the stack of SUPABASE_URL with SUPABASE_SERVICE_ROLE_KEY. OWNER is the lenser whose evaluation it is, and who
pays: Ada of the demo data unless told. Put the address of a real provider where the stand-in's is, and it is yours.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx

from ratebook import Client

ADA = "11111111-1111-4111-8111-111111111111"
CONTENDERS = ["gpt-4o-mini", "gpt-4o", "gpt-4.1"]
JUDGES = ["gpt-5.1", "gpt-5.2"]
CASES = {
    "capital": "What is the capital of Australia?",
    "sum": "What is 17 times 23?",
    "haiku": "Write a haiku about exact prices.",
    "plural": "What is the plural of mongoose?",
}


class StandIn(BaseHTTPRequestHandler):
    """Answers as an OpenAI-compatible server does: the larger the model, the longer the answer."""

    def do_POST(self) -> None:
        """A chat completion."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt, model = asked["messages"][-1]["content"], asked["model"]
        if prompt.startswith("Score"):
            # A judge likes what is long, each a little differently.
            content = str(min(10, len(prompt) // 25 + _luck(model, prompt, 2)))
        else:
            content = f"{model} says: " + "well, " * (
                CONTENDERS.index(model) + _luck(model, prompt, 4)
            )
        answer = {
            "model": model,
            "choices": [{"message": {"role": "assistant", "content": content}}],
            "usage": {"prompt_tokens": len(prompt), "completion_tokens": len(content)},
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


def _luck(model: str, prompt: str, most: int) -> int:
    """The same each time."""
    return sha256(f"{model} {prompt}".encode()).digest()[0] % most


def main() -> None:
    """Run the evaluation and print its leaderboard."""
    owner = sys.argv[1] if len(sys.argv) > 1 else ADA
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider = httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}")

    def ask(model: str, prompt: str) -> dict[str, Any]:
        messages = [{"role": "user", "content": prompt}]
        found = provider.post("/v1/chat/completions", json={"model": model, "messages": messages})
        return dict(found.raise_for_status().json())

    with Client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_SERVICE_ROLE_KEY"]) as client:
        evaluations = client.evaluations
        made = evaluations.create(
            f"Short answers {uuid4().hex[:8]}", contenders=CONTENDERS, judges=JUDGES, lenser=owner
        )
        evaluations.change(made.id, state="open")
        run = evaluations.start_run(made.id, "first")

        # The provider's own usage is charged; a call that is sent twice counts once.
        for case, question in CASES.items():
            for model in CONTENDERS:
                answer = ask(model, question)
                evaluations.submit(
                    run.id,
                    model,
                    case,
                    account=owner,
                    usage=answer,
                    format="openai_chat",
                    prompt=question,
                    output=answer["choices"][0]["message"]["content"],
                )

        # A judge is not told whose answer it is.
        for judge in JUDGES:
            for one in evaluations.to_score(run.id, judge=judge):
                answer = ask(judge, f"Score from 0 to 10. {one.prompt} {one.output}")
                points = int(answer["choices"][0]["message"]["content"])
                evaluations.score(
                    one.submission_id,
                    points,
                    judge=judge,
                    account=owner,
                    usage=answer,
                    format="openai_chat",
                )
        evaluations.finish_run(run.id)

        for standing in evaluations.leaderboard(made.id):
            print(
                f"{standing.place}. {standing.contender:12} {standing.rating:+.2f}"
                f" ({standing.rating_low:+.2f} to {standing.rating_high:+.2f}),"
                f" {standing.wins} of {standing.comparisons} won, mean {standing.mean:.2f}"
            )
        costs = evaluations.costs(made.id)
        print(f"{sum(one.credits for one in costs)} credits for {made.id}")
    provider.close()
    server.shutdown()


if __name__ == "__main__":
    main()
