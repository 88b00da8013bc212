"""Asks ``/v1`` through one client that others made, run by the Python that has it.

``python asks.py CLIENT WHAT`` with ``ATRIUM_V1`` and ``ATRIUM_KEY``; it ends with 0 when
that worked.
"""

# ruff: noqa: PLC0415 (only the one that is asked with is imported)

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

URL, KEY = os.environ["ATRIUM_V1"], os.environ["ATRIUM_KEY"]
MODEL, ABSENT = "green-1", "grey-0"
ANSWER = "Leaves are green because"
WHY = "Why are leaves green?"


def weather(city: str) -> str:
    """Say how the weather is in a city."""
    assert city == "Kyiv", city
    return "sunny"


def expect(said: Any) -> None:
    assert ANSWER in str(said), said


def refused(ask: Any) -> None:
    """See that the client tells what is wrong in our words."""
    said = "it was answered"
    try:
        ask()
    except Exception as trouble:
        said = f"{type(trouble).__name__}: {trouble}"
    assert ABSENT in said, said


def llm(what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = [
            {
                "model_id": name,
                "model_name": name,
                "api_base": URL,
                "api_key_name": "atrium",
                "supports_tools": True,
            }
            for name in (MODEL, ABSENT)
        ]
        (Path(folder) / "extra-openai-models.yaml").write_text(json.dumps(told))
        (Path(folder) / "keys.json").write_text(json.dumps({"atrium": KEY}))
        os.environ["LLM_USER_PATH"] = folder
        import llm as made

        if what == "whole":
            command = [sys.executable, "-m", "llm", "-m", MODEL, "--no-stream", WHY]
            told_us = subprocess.run(command, capture_output=True, text=True, check=True)
            expect(told_us.stdout)
        elif what == "stream":
            pieces = list(made.get_model(MODEL).prompt(WHY, stream=True))
            assert len(pieces) > 3, pieces
            expect("".join(pieces))
        elif what == "tools":
            expect(made.get_model(MODEL).chain(WHY, tools=[weather], stream=False).text())
        else:
            refused(lambda: made.get_model(ABSENT).prompt(WHY, stream=False).text())


def langchain(what: str) -> None:
    from langchain_core.messages import ToolMessage
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    def model(name: str = MODEL) -> Any:
        return ChatOpenAI(model=name, base_url=URL, api_key=KEY, max_retries=0)

    if what == "whole":
        found = model().invoke(WHY)
        expect(found.content)
        assert found.usage_metadata["output_tokens"] == 12, found
    elif what == "stream":
        pieces = [piece.content for piece in model().stream(WHY)]
        assert len(pieces) > 3, pieces
        expect("".join(pieces))
    elif what == "tools":
        bound = model().bind_tools([tool(weather)])
        first = bound.invoke(WHY)
        (call,) = first.tool_calls
        result = ToolMessage(weather(**call["args"]), tool_call_id=call["id"])
        expect(bound.invoke([("user", WHY), first, result]).content)
    elif what == "vectors":
        # Its own count of tokens would fetch a vocabulary from elsewhere.
        own: Any = {"check_embedding_ctx_length": False}
        vectors = OpenAIEmbeddings(model=MODEL, base_url=URL, api_key=KEY, **own)
        assert len(vectors.embed_documents(["green", "leaves"])) == 2
    else:
        refused(lambda: model(ABSENT).invoke(WHY))


def litellm(what: str) -> None:
    import litellm as made

    def ask(name: str = MODEL, said: Any = None, **more: Any) -> Any:
        said = said or [{"role": "user", "content": WHY}]
        return made.completion(
            model=f"openai/{name}", messages=said, api_base=URL, api_key=KEY, **more
        )

    if what == "whole":
        expect(ask().choices[0].message.content)
    elif what == "stream":
        pieces = [piece.choices[0].delta.content or "" for piece in ask(stream=True)]
        assert len(pieces) > 3, pieces
        expect("".join(pieces))
    elif what == "tools":
        function = {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        }
        tools = [{"type": "function", "function": function}]
        first = ask(tools=tools).choices[0].message
        call = first.tool_calls[0]
        said = [{"role": "user", "content": WHY}, first.model_dump()]
        result = weather(**json.loads(call.function.arguments))
        said.append({"role": "tool", "tool_call_id": call.id, "content": result})
        expect(ask(said=said, tools=tools).choices[0].message.content)
    elif what == "vectors":
        given: Any = {"model": f"openai/{MODEL}", "api_base": URL, "api_key": KEY}
        assert len(made.embedding(input=["green", "leaves"], **given).data) == 2
    else:
        refused(lambda: ask(ABSENT))


def pydantic_ai(what: str) -> None:
    import asyncio

    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    def agent(name: str = MODEL, **more: Any) -> Any:
        provider = OpenAIProvider(base_url=URL, api_key=KEY)
        return Agent(OpenAIChatModel(name, provider=provider), **more)

    async def streamed() -> list[str]:
        async with agent().run_stream(WHY) as found:
            return [piece async for piece in found.stream_text(delta=True, debounce_by=None)]

    if what == "whole":
        expect(agent().run_sync(WHY).output)
    elif what == "stream":
        pieces = asyncio.run(streamed())
        assert len(pieces) > 3, pieces
        expect("".join(pieces))
    elif what == "tools":
        expect(agent(tools=[weather]).run_sync(WHY).output)
    else:
        refused(lambda: agent(ABSENT).run_sync(WHY))


if __name__ == "__main__":
    {"llm": llm, "langchain-openai": langchain, "litellm": litellm, "pydantic-ai": pydantic_ai}[
        sys.argv[1]
    ](sys.argv[2])
