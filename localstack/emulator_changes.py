"""What the local stack changes in the emulator, and why.

Everything here replaces a function of one pinned version (`requirements.in`); read this
file again whenever that version changes. Each replaced name is looked up when the emulator
starts, so one that disappeared stops the start instead of being passed over.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from ministack import app
from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import apigateway, cloudwatch, dynamodb, lambda_svc, sns, sqs

from settings import HOST
from turnstile import Turnstile

logger = logging.getLogger("cartwright")

# Invocations that are running when the stop comes get this long to end.
DRAIN_SECONDS = 5.0
SAVE_ATTEMPTS = 20
# Times are compared with those of another process's writes; a repeated event does no harm.
REPLAY_MARGIN_SECONDS = 5.0

_replay_from = Path()
_stopping = threading.Event()
_turnstiles: defaultdict[str, Turnstile] = defaultdict(Turnstile)


def apply(workers: int, replay_from: str) -> None:
    global _replay_from
    _replay_from = Path(replay_from)
    _turnstiles.default_factory = lambda: Turnstile(workers)
    # Read by the emulator's own logging; the functions would take it for theirs.
    os.environ.pop("LOG_LEVEL", None)
    limit_workers()
    forget_oldest_message_ids_first()
    look_at_each_message_once()
    read_queues_beside_streams()
    remember_what_actions_match()
    reset_stream_positions_after_load()
    save_in_spite_of_running_threads()
    make_metrics_of_log_lines()
    let_issuers_answer()
    refuse_sockets_as_unauthorized()


def limit_workers() -> None:
    """Lets an invocation wait for a free process of its function.

    The emulator starts one process per concurrent invocation, 1,000 of them for 1,000 orders
    at once, and beyond its limit answers 429. Every invocation has a thread of its own there,
    so waiting holds nothing up but itself. A function that invokes itself would wait for ever;
    none of ours invokes any.
    """
    acquire, release = lambda_svc._acquire_execution_slot, lambda_svc._release_execution_slot

    def acquire_in_turn(func: dict, config: dict):
        key = lambda_svc._inflight_key(config)
        if not _turnstiles[key].enter(may_refuse=_answers_a_client()):
            return None, "account"
        slot, limit = acquire(func, config)
        if slot is None:
            _turnstiles[key].leave()
        return slot, limit

    def release_in_turn(key: str | None) -> None:
        release(key)
        if key is not None:
            _turnstiles[key].leave()

    lambda_svc._acquire_execution_slot = acquire_in_turn
    lambda_svc._release_execution_slot = release_in_turn


def _answers_a_client() -> bool:
    """Whether this thread serves a request that must be answered before the server can stop."""
    name = threading.current_thread().name
    return name.startswith("ministack-") and name != "ministack-esm"


def forget_oldest_message_ids_first() -> None:
    """Looks only at the deduplication ids that are due to be forgotten.

    For each message of a FIFO topic or queue the emulator copies all ids of the last five
    minutes; with the events of a thousand orders that takes more time than all the rest. Ids
    are kept in the order they came and all for the same time, so the oldest are in front.
    """

    def prune(holder: dict) -> None:
        kept, now = holder.get("dedup_cache", {}), time.time()
        while (oldest := next(iter(kept), None)) is not None and kept[oldest]["expire"] <= now:
            kept.pop(oldest, None)

    for module, name in ((sns, "_prune_sns_dedup"), (sqs, "_prune_dedup")):
        getattr(module, name)
        setattr(module, name, prune)


def look_at_each_message_once() -> None:
    """Completes a message at its first receive only, and deletes a batch in one pass over the queue.

    For each receive the emulator goes through twelve fields of every message that waits, and for each
    receipt of a batch it copies the queue: with a test that reads all events of a thousand orders from a
    queue of its own that is a third of what it does.
    """
    complete = sqs._ensure_msg_fields

    def complete_once(message: dict) -> None:
        if "seq" not in message or "md5_body" not in message or "first_receive_at" not in message:
            complete(message)

    def delete_all(data: dict, queue_url: str) -> dict:
        queue = sqs._get_q(data.get("QueueUrl", queue_url), "sqs:DeleteMessage")
        entries = data.get("Entries", [])
        sqs._validate_batch_entries(entries, "DeleteMessageBatchRequestEntry")
        receipts = {entry.get("ReceiptHandle") for entry in entries} - {None, ""}
        found = {message["receipt_handle"] for message in queue["messages"]} & receipts
        queue["messages"] = [one for one in queue["messages"] if one["receipt_handle"] not in found]
        done = [{"Id": entry.get("Id", "")} for entry in entries if entry.get("ReceiptHandle") in found]
        refused = [
            {
                "Id": entry.get("Id", ""),
                "Code": "ReceiptHandleIsInvalid",
                "Message": "The input receipt handle is invalid.",
                "SenderFault": True,
            }
            for entry in entries
            if entry.get("ReceiptHandle") not in found
        ]
        return {"Successful": done, "Failed": refused}

    sqs._ensure_msg_fields = complete_once
    sqs._HANDLERS["DeleteMessageBatch"]
    sqs._HANDLERS["DeleteMessageBatch"] = delete_all


def read_queues_beside_streams() -> None:
    """Gives queues a reader of their own.

    One thread reads all sources in turn there and waits for the function of each stream; a queue got
    its next batch when all streams had had theirs, two seconds later under load.
    """
    read, wake = lambda_svc._poll_sqs, lambda_svc._esm_wake
    woken, wake_streams = threading.Event(), wake.set

    def wake_both() -> None:
        wake_streams()
        woken.set()

    def read_queues() -> None:
        # What is read while functions come to rest would be nobody's until it is visible again.
        while not _stopping.is_set():
            woken.clear()
            try:
                busy = read()
            except Exception:
                logger.exception("reading the queues")
                busy = False
            if not busy:
                time.sleep(lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS / 10)
                woken.wait(1)

    def read_all() -> None:
        threading.Thread(target=read_queues, name="cartwright-queues", daemon=True).start()
        read_streams()

    read_streams = lambda_svc._poll_loop
    wake.set = wake_both
    lambda_svc._poll_sqs = lambda: False
    lambda_svc._poll_loop = read_all


def remember_what_actions_match() -> None:
    """Compares an action with a pattern of a policy once: a quarter of its time where calls are many."""
    iam_evaluator.fnmatch_iam = lru_cache(maxsize=65_536)(iam_evaluator.fnmatch_iam)


def _stream_mappings() -> list[tuple[tuple, dict]]:
    return [
        (key, mapping)
        for key, mapping in list(lambda_svc._esms._data.items())
        if ":dynamodb:" in mapping.get("EventSourceArn", "")
    ]


def reset_stream_positions_after_load() -> None:
    """Lets stream readers start at the beginning after a restart.

    Positions are saved but the records they count are not: an old position would skip as many
    new records as there were old ones. What was not read before the stop comes by replay.
    """
    restore = lambda_svc._restore_state

    def restore_then_reset(data: dict) -> None:
        restore(data)
        for key, _mapping in _stream_mappings():
            lambda_svc._dynamodb_stream_positions._data[key] = 0

    lambda_svc._restore_state = restore_then_reset


def save_in_spite_of_running_threads() -> None:
    """Repeats the copy of a service's state when a thread changed it meanwhile.

    Executions in a wait state live on in their threads. The emulator gives up at the first
    "dictionary changed size", and then that service, all tables perhaps, is not saved at all.
    """
    collect = app._build_persistence_save_dict

    def patient(name: str, get_state: Callable[[], dict]) -> Callable[[], dict]:
        def copy() -> dict:
            for attempt in range(1, SAVE_ATTEMPTS):
                try:
                    return get_state()
                except RuntimeError as error:
                    logger.warning("saving %s, attempt %d: %s", name, attempt, error)
                    time.sleep(0.05)
            return get_state()

        return copy

    app._build_persistence_save_dict = lambda: {
        name: patient(name, get_state) for name, get_state in collect().items()
    }


def make_metrics_of_log_lines() -> None:
    """Takes metrics out of the log, as CloudWatch does of lines in its embedded metric format.

    The emulator keeps such lines as any others.
    """
    emit = lambda_svc._emit_lambda_logs

    def emit_and_count(func: dict, request_id: str, log_text: str, *rest, **named) -> None:
        for line in log_text.splitlines():
            if '"CloudWatchMetrics"' in line:
                _record_metrics(line)
        emit(func, request_id, log_text, *rest, **named)

    lambda_svc._emit_lambda_logs = emit_and_count


def _record_metrics(line: str) -> None:
    try:
        document = json.loads(line)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: document[name] for name in names}
                for metric in directive["Metrics"]:
                    values = document[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        cloudwatch.record_metric(
                            directive["Namespace"], metric["Name"], value, metric.get("Unit", "None"), dimensions
                        )
    except (KeyError, TypeError, ValueError) as error:
        logger.warning("a line that is meant for metrics cannot be read: %r", error)


def quiesce() -> None:
    """Brings the functions to rest before the state is saved.

    New invocations wait for ever, or are refused where a client waits for the answer; running
    ones get a few seconds. Then every function process is stopped: the emulator would leave
    them behind.
    """
    _stopping.set()
    _turnstiles.default_factory = lambda: Turnstile(0, closed=True)
    for turnstile in list(_turnstiles.values()):
        turnstile.close()
    deadline = time.monotonic() + DRAIN_SECONDS
    while lambda_svc.executions_in_flight()[0] and time.monotonic() < deadline:
        time.sleep(0.05)
    lambda_runtime.reset()
    _note_replay_time()


def _note_replay_time() -> None:
    """Writes down the age of the oldest stream record that no function has taken yet."""
    oldest = time.time()
    for key, mapping in _stream_mappings():
        account, region, _uuid = key
        table = mapping["EventSourceArn"].split(":table/", 1)[1].split("/", 1)[0]
        position = lambda_svc._dynamodb_stream_positions._data.get(key, 0)
        waiting = dynamodb.stream_records_since(table, position, 1, account_id=account, region=region)
        for record in waiting:
            oldest = min(oldest, record["dynamodb"]["ApproximateCreationDateTime"])
    since = datetime.fromtimestamp(oldest - REPLAY_MARGIN_SECONDS, timezone.utc)
    _replay_from.parent.mkdir(parents=True, exist_ok=True)
    _replay_from.write_text(since.strftime("%Y-%m-%dT%H:%M:%SZ"))


def let_issuers_answer() -> None:
    """Reads about an issuer of tokens where an API here says it.

    On AWS the issuer's address is a domain that leads to the API which has the discovery document and
    the keys; here no name leads anywhere.
    """
    fetch = apigateway._urlopen_async

    async def fetch_here(asked, timeout_seconds):
        url = asked if isinstance(asked, str) else ""
        route = f"GET {urlsplit(url).path}"
        with_it = [api for api, routes in apigateway._routes.items() for one in routes.values() if one["routeKey"] == route]
        if with_it:
            asked = f"http://{HOST}:{apigateway._PORT}/_aws/execute-api/{with_it[0]}{urlsplit(url).path}"
        return await fetch(asked, timeout_seconds)

    apigateway._urlopen_async = fetch_here


def refuse_sockets_as_unauthorized() -> None:
    """Answers 401 where an authorizer of sockets fails with the one word `Unauthorized`, as AWS does.

    The emulator answers 500 to whatever an authorizer fails with. Here that failure passes as a policy
    that allows nothing, which no authorizer of ours answers, and is answered for what it is.
    """
    authorize, execute = apigateway._authorize_ws_connect, lambda_svc._execute_function_with_config_scope
    policy = {"policyDocument": {"Version": "2012-10-17", "Statement": []}}

    def execute_here(record, event, *args, **kwargs):
        result = execute(record, event, *args, **kwargs)
        body = result.get("body") if isinstance(result, dict) and result.get("error") else None
        is_authorizer = isinstance(event, dict) and event.get("type") == "REQUEST"
        if is_authorizer and isinstance(body, dict) and body.get("errorMessage") == "Unauthorized":
            return {"body": policy}
        return result

    async def authorize_here(*args, **kwargs):
        refusal, context = await authorize(*args, **kwargs)
        if refusal is not None and refusal[0] == 403:
            refusal = (401, "Unauthorized")
        return refusal, context

    lambda_svc._execute_function_with_config_scope = execute_here
    apigateway._authorize_ws_connect = authorize_here
