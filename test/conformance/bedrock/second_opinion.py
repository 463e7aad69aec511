"""Amazon's Python SDK against the mock: what it sees of each call, as one JSON object on standard output."""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, api_key, hourly_key = sys.argv[1:4]
CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
MESSAGES = [{"role": "user", "content": [{"text": "[sq l c1 in=40 cached=0 out=9] What is a token?"}]}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": SCHEMA}}}]}


def client(key, secret):
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def refused(call):
    try:
        call()
    except ClientError as error:
        return {
            "class": type(error).__name__,
            "code": error.response["Error"]["Code"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
        }
    return None


bedrock = client(api_key, api_key)
seen = {"version": boto3.__version__}

whole = bedrock.converse(modelId=CLAUDE, messages=MESSAGES)
seen["whole"] = {
    "text": whole["output"]["message"]["content"][0]["text"],
    "stop": whole["stopReason"],
    "usage": [whole["usage"]["inputTokens"], whole["usage"]["outputTokens"]],
}

text, kinds = "", []
for event in bedrock.converse_stream(modelId=CLAUDE, messages=MESSAGES)["stream"]:
    for kind, value in event.items():
        if not kinds or kinds[-1] != kind:
            kinds.append(kind)
        text += value.get("delta", {}).get("text", "")
seen["stream"] = {"text": text, "kinds": kinds}

tool = bedrock.converse(modelId=CLAUDE, messages=MESSAGES, toolConfig=TOOLS)
seen["tool"] = {"stop": tool["stopReason"], "arguments": list(tool["output"]["message"]["content"][0]["toolUse"]["input"])}

body = json.dumps(
    {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": [{"role": "user", "content": MESSAGES[0]["content"][0]["text"]}]}
)
invoked = json.loads(bedrock.invoke_model(modelId=CLAUDE, body=body)["body"].read())
seen["invoked"] = invoked["content"][0]["text"]
chunks = [json.loads(event["chunk"]["bytes"]) for event in bedrock.invoke_model_with_response_stream(modelId=CLAUDE, body=body)["body"]]
seen["invoked_stream"] = "".join(chunk.get("delta", {}).get("text", "") for chunk in chunks)

hourly = client(hourly_key, hourly_key)
for _ in range(3):
    hourly.converse(modelId=CLAUDE, messages=MESSAGES)
seen["refused"] = {
    "key": refused(lambda: client("AKIANOBODY", "secret").converse(modelId=CLAUDE, messages=MESSAGES)),
    "secret": refused(lambda: client(api_key, "wrong").converse(modelId=CLAUDE, messages=MESSAGES)),
    "model": refused(lambda: bedrock.converse(modelId="nope", messages=MESSAGES)),
    "value": refused(lambda: bedrock.converse(modelId=CLAUDE, messages=MESSAGES + MESSAGES)),
    "limit": refused(lambda: hourly.converse(modelId=CLAUDE, messages=MESSAGES)),
}
print(json.dumps(seen))
