"""Applies a template through a change set and waits for the end.

`aws cloudformation deploy` does the same, but looks at the stack every 30 s only.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

from botocore.exceptions import ClientError
from settings import StackError

WAIT_SECONDS = 1800
# A template longer than this has to lie in a bucket.
BODY_BYTES = 51_200
# A first deploy that failed leaves a stack that can only be deleted.
DEAD_END = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
NO_CHANGES = ("didn't contain changes", "No updates are to be performed")


def _status(client, stack: str) -> str | None:
    try:
        return client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _settled(client, stack: str) -> str | None:
    """The stack's status once nothing is in progress any more."""
    deadline = time.monotonic() + WAIT_SECONDS
    pause = 0.2
    while time.monotonic() < deadline:
        status = _status(client, stack)
        if status is None or not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
            return status
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
    raise StackError(f"stack {stack} is still busy after {WAIT_SECONDS} s")


def _kind(client, stack: str, replace_failed: bool) -> str:
    status = _settled(client, stack)
    if status in DEAD_END:
        if not replace_failed:
            raise StackError(f"stack {stack} is {status}: its first deploy failed; look at it, delete it, deploy again")
        print(f"stack {stack} is {status}; deleting it first", file=sys.stderr)
        client.delete_stack(StackName=stack)
        status = _settled(client, stack)
    return "CREATE" if status in (None, "DELETE_COMPLETE", "REVIEW_IN_PROGRESS") else "UPDATE"


def _template(storage, bucket: str, file: Path) -> dict[str, str]:
    body = file.read_bytes()
    if len(body) <= BODY_BYTES:
        return {"TemplateBody": body.decode()}
    key = f"{hashlib.sha256(body).hexdigest()}.template"
    storage.put_object(Bucket=bucket, Key=key, Body=body)
    url = storage.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    return {"TemplateURL": url.partition("?")[0]}


def _created(client, change: str, stack: str) -> bool:
    """False when there is nothing to change."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = client.describe_change_set(ChangeSetName=change, StackName=stack)
        if answer["Status"] == "CREATE_COMPLETE":
            return True
        if answer["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=change, StackName=stack)
            reason = answer.get("StatusReason", "")
            if any(text in reason for text in NO_CHANGES):
                return False
            raise StackError(f"the change set was refused: {reason}")
        time.sleep(0.5)
    raise StackError("the change set was not ready in time")


def _failures(client, stack: str) -> str:
    lines = []
    for event in client.describe_stack_events(StackName=stack)["StackEvents"]:
        if event["ResourceStatus"].endswith("FAILED"):
            lines.append(f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
    return "\n".join(reversed(lines))


def apply(
    client, storage, stack: str, template: Path, bucket: str, parameters: dict[str, str], *, replace_failed: bool
) -> bool:
    """True when something changed. Fails with the reasons that CloudFormation gives."""
    kind = _kind(client, stack, replace_failed)
    source = _template(storage, bucket, template)
    try:
        change = client.create_change_set(
            StackName=stack,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType=kind,
            Parameters=[{"ParameterKey": name, "ParameterValue": text} for name, text in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            **source,
        )["Id"]
    except ClientError as error:
        raise StackError(f"the template was refused: {error.response['Error']['Message']}") from error
    if not _created(client, change, stack):
        return False
    client.execute_change_set(ChangeSetName=change, StackName=stack)
    status = _settled(client, stack)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackError(f"stack {stack} ended as {status}:\n{_failures(client, stack)}")
    return True


def outputs(client, stack: str) -> dict[str, str]:
    described = client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in described}
