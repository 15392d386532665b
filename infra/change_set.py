"""Applies a template through a change set and waits for the end.

`aws cloudformation deploy` does the same, but looks at the stack every 30 s only.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
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


def _turns(what: str) -> Iterator[None]:
    """Turns of a waiting loop, ever further apart. It ends by `return`, or fails when the time is up."""
    deadline = time.monotonic() + WAIT_SECONDS
    pause = 0.2
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
    raise StackError(f"{what} after {WAIT_SECONDS} s")


def _in_progress(status: str | None) -> bool:
    return status is not None and status.endswith("_IN_PROGRESS")


def _settled(client, stack: str) -> str | None:
    """The stack's status once nothing is in progress any more."""
    for _ in _turns(f"stack {stack} is still busy"):
        status = _status(client, stack)
        # In review: somebody made a change set for a new stack and has not executed it.
        if not _in_progress(status) or status == "REVIEW_IN_PROGRESS":
            return status


def _under_way(client, change: str, stack: str) -> bool:
    try:
        answer = client.describe_change_set(ChangeSetName=change, StackName=stack)
    except client.exceptions.ChangeSetNotFoundException:
        return False
    return answer["ExecutionStatus"] in ("AVAILABLE", "EXECUTE_IN_PROGRESS")


def _executed(client, change: str, stack: str) -> str | None:
    """Executes the change set and returns the stack's status at the end.

    Just after the call the stack may still show the status from before; what has begun and
    ended is known from the change set.
    """
    client.execute_change_set(ChangeSetName=change, StackName=stack)
    for _ in _turns(f"stack {stack} is still busy"):
        if _under_way(client, change, stack):
            continue
        status = _status(client, stack)
        if not _in_progress(status):
            return status


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
    for _ in _turns("the change set was not ready"):
        answer = client.describe_change_set(ChangeSetName=change, StackName=stack)
        if answer["Status"] == "CREATE_COMPLETE":
            return True
        if answer["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=change, StackName=stack)
            reason = answer.get("StatusReason", "")
            if any(text in reason for text in NO_CHANGES):
                return False
            raise StackError(f"the change set was refused: {reason}")


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
    status = _executed(client, change, stack)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackError(f"stack {stack} ended as {status}:\n{_failures(client, stack)}")
    return True


def outputs(client, stack: str) -> dict[str, str]:
    described = client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in described}
