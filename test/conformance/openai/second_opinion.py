"""The vendor's Python SDK against the mock: what it sees of each call, as one JSON object on standard output."""

import json
import sys

import openai
from openai import OpenAI

base_url, api_key, tight_key, hourly_key = sys.argv[1:5]
client = OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
MODEL = "gpt-4o-mini"
MESSAGES = [{"role": "user", "content": "[sq l c1 in=40 cached=12 out=9] What is a token?"}]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
seen = {"version": openai.__version__}


def refused(call):
    try:
        call()
    except openai.APIStatusError as error:
        return {"class": type(error).__name__, "status": error.status_code, "code": error.code, "param": error.param}
    return None


whole = client.chat.completions.create(model=MODEL, messages=MESSAGES)
seen["whole"] = {
    "text": whole.choices[0].message.content,
    "finish": whole.choices[0].finish_reason,
    "usage": [whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.prompt_tokens_details.cached_tokens],
    "request_id": whole._request_id,
}

with client.chat.completions.stream(model=MODEL, messages=MESSAGES, stream_options={"include_usage": True}) as stream:
    for _ in stream:
        pass
    final = stream.get_final_completion()
seen["stream"] = {"text": final.choices[0].message.content, "usage": final.usage.completion_tokens}

tool = {"type": "function", "function": {"name": "get_weather", "strict": True, "parameters": SCHEMA}}
called = client.chat.completions.create(
    model=MODEL, messages=[{"role": "user", "content": "Weather?"}], tools=[tool], tool_choice="required"
)
seen["tool"] = {
    "finish": called.choices[0].finish_reason,
    "arguments": sorted(json.loads(called.choices[0].message.tool_calls[0].function.arguments)),
}

response = client.responses.create(model=MODEL, input=MESSAGES[0]["content"])
seen["response"] = {"text": response.output_text, "status": response.status, "tokens": response.usage.total_tokens}
with client.responses.stream(model="gpt-5", input="Think.", reasoning={"effort": "low", "summary": "auto"}) as stream:
    types = []
    for event in stream:
        if not types or types[-1] != event.type:
            types.append(event.type)
    seen["response_stream"] = {"types": types, "items": [item.type for item in stream.get_final_response().output]}
seen["retrieved"] = client.responses.retrieve(response.id).output_text == response.output_text

embedding = client.embeddings.create(model="text-embedding-3-small", input=["a", "b"], dimensions=8)
seen["embedding"] = [len(item.embedding) for item in embedding.data]
seen["models"] = MODEL in [model.id for model in client.models.list()]

seen["refused"] = {
    "key": refused(lambda: client.with_options(api_key="sk-nobody").models.list()),
    "model": refused(lambda: client.chat.completions.create(model="gpt-99", messages=MESSAGES)),
    "value": refused(lambda: client.chat.completions.create(model=MODEL, messages=MESSAGES, temperature=3)),
}

# Three calls in five seconds are let in; the fourth waits as long as it is told, and then is, too.
patient = OpenAI(base_url=base_url, api_key=tight_key, max_retries=5)
answers = [patient.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=1) for _ in range(4)]
seen["patient"] = len(answers)
hourly = client.with_options(api_key=hourly_key)
refusals = [refused(lambda: hourly.chat.completions.create(model=MODEL, messages=MESSAGES)) for _ in range(4)]
seen["refused"]["limit"] = refusals[3]

print(json.dumps(seen))
