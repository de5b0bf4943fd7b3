"""An app that streams a model's answer to a browser and charges the reader's wallet for it.

    pip install ratebook fastapi uvicorn openai anthropic
    uvicorn examples.fastapi_app:app

It asks for SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY, and, as their SDKs do, for OPENAI_API_KEY and ANTHROPIC_API_KEY
(OPENAI_BASE_URL and ANTHROPIC_BASE_URL may lead to examples/stand_in.py). Who asks is in X-User here: take it from your
session instead.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from anthropic import AsyncAnthropic
from fastapi import FastAPI, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from openai import AsyncOpenAI
from pydantic import BaseModel

from ratebook import AsyncClient, InsufficientCredits

MODEL = "gpt-4o-mini"
CLAUDE = "claude-haiku-4-5"
LONGEST = 400  # tokens that an answer may have


class Question(BaseModel):
    """What a reader asks."""

    text: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client for all requests."""
    url, key = os.environ["SUPABASE_URL"], os.environ["SUPABASE_SERVICE_ROLE_KEY"]
    async with (
        AsyncClient(url, key) as ratebook,
        AsyncOpenAI() as openai,
        AsyncAnthropic() as anthropic,
    ):
        app.state.ratebook, app.state.openai, app.state.anthropic = ratebook, openai, anthropic
        yield


app = FastAPI(lifespan=lifespan)
User = Annotated[UUID, Header(alias="X-User")]


def expected(question: Question) -> dict[str, int]:
    """What is held: about a token for 4 characters, and the longest answer."""
    return {"input": len(question.text) // 4 + 10, "output": LONGEST}


@app.exception_handler(InsufficientCredits)
async def too_poor(_: Request, error: InsufficientCredits) -> JSONResponse:
    """Nothing was asked of the provider."""
    return JSONResponse({"error": error.message, "needed": str(error.needed)}, 402)


@app.post("/chat")
async def chat(question: Question, user: User, request: Request) -> StreamingResponse:
    """Answer by chat completions."""
    tracked = request.app.state.ratebook.account(user).track(MODEL, usage=expected(question))
    stream = await tracked.call(
        request.app.state.openai.chat.completions.create,
        model=MODEL,
        messages=[{"role": "user", "content": question.text}],
        max_completion_tokens=LONGEST,
        stream=True,
    )

    async def text() -> AsyncIterator[str]:
        async with stream:
            async for chunk in stream:
                if chunk.choices:
                    yield chunk.choices[0].delta.content or ""

    return StreamingResponse(text(), media_type="text/plain")


@app.post("/responses")
async def responses(question: Question, user: User, request: Request) -> StreamingResponse:
    """Answer by responses."""
    tracked = request.app.state.ratebook.account(user).track(MODEL, usage=expected(question))
    stream = await tracked.call(
        request.app.state.openai.responses.create,
        model=MODEL,
        input=question.text,
        max_output_tokens=LONGEST,
        stream=True,
    )

    async def text() -> AsyncIterator[str]:
        async with stream:
            async for event in stream:
                if event.type == "response.output_text.delta":
                    yield event.delta

    return StreamingResponse(text(), media_type="text/plain")


@app.post("/messages")
async def messages(question: Question, user: User, request: Request) -> StreamingResponse:
    """Answer by Anthropic's messages."""
    tracked = request.app.state.ratebook.account(user).track(CLAUDE, usage=expected(question))
    stream: Any = await tracked.call(
        request.app.state.anthropic.messages.create,
        model=CLAUDE,
        messages=[{"role": "user", "content": question.text}],
        max_tokens=LONGEST,
        stream=True,
    )

    async def text() -> AsyncIterator[str]:
        async with stream:
            async for event in stream:
                if event.type == "content_block_delta":
                    yield event.delta.text

    return StreamingResponse(text(), media_type="text/plain")


PAGE = """<!doctype html>
<title>Ask</title>
<form><input name="text" value="Tell me of lighthouses" size="60"><button>Ask</button></form>
<pre></pre>
<script>
  document.forms[0].onsubmit = async (event) => {
    event.preventDefault()
    const body = JSON.stringify({ text: event.target.text.value })
    const headers = { 'Content-Type': 'application/json', 'X-User': '11111111-1111-4111-8111-111111111111' }
    const answer = await fetch('/chat', { method: 'POST', headers, body })
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    for (const out = document.querySelector('pre'); ;) {
      const { done, value } = await reader.read()
      if (done) break
      out.append(value)
    }
  }
</script>
"""


@app.get("/")
async def page() -> HTMLResponse:
    """Ask from a browser."""
    return HTMLResponse(PAGE)
