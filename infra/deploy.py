"""Deploys the one template to the local stack or to AWS.

    deploy.py --target local [--instance test]
    deploy.py --target aws --parameters infra/parameters/aws.json

Builds the function packages, makes the key pair for tokens once, uploads what the template
names (`aws cloudformation package`), applies it through a change set, and writes the
stack's names and addresses to an env file. A second run without changes does nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import string
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "localstack"))

import change_set  # noqa: E402
import env_file  # noqa: E402
import packages  # noqa: E402
import settings  # noqa: E402
import token_key  # noqa: E402
from settings import StackError  # noqa: E402

TEMPLATE = ROOT / "infra" / "template.yaml"
STACK = "cartwright"
# The template's default.
ARCHITECTURE = "arm64"
# The template's condition `HasDatabase`.
DATABASE = ("DatabaseReaderUrl", "DatabaseWriterUrl", "DatabaseArchiverUrl")


@dataclass(frozen=True)
class Target:
    """Where to deploy to: the session's credentials, the endpoint if it is not AWS's own."""

    name: str
    session: boto3.Session
    endpoint: str | None
    environment: dict[str, str]
    instance: settings.Instance | None

    def client(self, service: str, config: Config | None = None):
        config = config or Config()
        # No proxy for one's own machine, whatever the environment says.
        config = config.merge(Config(proxies={})) if self.local else config
        return self.session.client(service, endpoint_url=self.endpoint, config=config)

    @property
    def local(self) -> bool:
        return self.instance is not None


def local_target(instance: settings.Instance) -> Target:
    environment = instance.aws_environment()
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    # A person's own profile or session must not reach the emulator.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return Target("local", session, instance.url("aws"), settings.without_proxy({**kept, **environment}), instance)


def aws_target() -> Target:
    if os.environ.get("AWS_ENDPOINT_URL"):
        raise StackError("AWS_ENDPOINT_URL is set: open a new shell; this one points at the local stack")
    session = boto3.Session()
    if session.region_name is None:
        raise StackError("no region: set AWS_REGION")
    return Target("aws", session, None, dict(os.environ), None)


def artifacts_bucket(target: Target) -> str:
    """The bucket for packages, made at the first deploy."""
    account = target.client("sts").get_caller_identity()["Account"]
    region = target.session.region_name
    name = f"{STACK}-artifacts-{account}-{region}"
    storage = target.client("s3")
    if name not in {bucket["Name"] for bucket in storage.list_buckets()["Buckets"]}:
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        storage.create_bucket(Bucket=name, **place)
    return name


def packaged_template(target: Target, bucket: str) -> Path:
    """Uploads the files that the template names and returns a template that names the uploads."""
    output = packages.FOLDER / f"template-{target.instance.name if target.instance else 'aws'}.yaml"
    command = [
        str(Path(sys.executable).parent / "aws"), "cloudformation", "package",
        "--template-file", str(TEMPLATE), "--s3-bucket", bucket, "--output-template-file", str(output),
    ]
    done = subprocess.run(command, env=target.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"packaging {TEMPLATE} failed: {done.stderr.strip() or done.stdout.strip()}")
    return output


def parameters(file: Path, values: dict[str, str], overrides: list[str]) -> dict[str, str]:
    """The parameter file with its `${NAME}`s filled in, then `--parameter NAME=VALUE`s."""
    try:
        stated = json.loads(file.read_text())
        filled = {name: string.Template(text).substitute(values) for name, text in stated.items()}
    except FileNotFoundError as error:
        raise StackError(f"{file} is missing; copy infra/parameters/aws.example.json and fill it in") from error
    except KeyError as error:
        raise StackError(f"{file} names {error.args[0]}, which is not set in the environment") from error
    for override in overrides:
        name, equals, text = override.partition("=")
        if not equals:
            raise StackError(f"--parameter wants NAME=VALUE, not {override!r}")
        filled[name] = text
    check_database(filled)
    return filled


def check_database(filled: dict[str, str]) -> None:
    """Without one of its addresses there is no database: its queues would go, with what nobody read yet."""
    missing = [name for name in DATABASE if not filled.get(name)]
    if missing and len(missing) < len(DATABASE):
        raise StackError(f"{', '.join(missing)} missing: the database is {', '.join(DATABASE)}, or none of them")


def check_sender(target: Target, address: str) -> None:
    """Mail is only sent from an identity that SES knows; the emulator believes any."""
    if target.local:
        target.client("ses").verify_email_identity(EmailAddress=address)
        return
    mail = target.client("sesv2")
    for identity in (address, address.rpartition("@")[2]):
        try:
            if mail.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"]:
                return
        except mail.exceptions.NotFoundException:
            continue
    print(f"warning: SES has no verified identity for {address}; no mail will be sent", file=sys.stderr)


def mend_topics(target: Target, outputs: dict[str, str]) -> None:
    """The emulator forgets, for topics that come from a template, that they are FIFO."""
    topics = target.client("sns")
    for arn in outputs.values():
        if arn.startswith("arn:aws:sns:") and arn.endswith(".fifo"):
            topics.set_topic_attributes(TopicArn=arn, AttributeName="FifoTopic", AttributeValue="true")


def migrate(target: Target, stack: str) -> None:
    """Brings the schema of the database up to date, as its owner, who is in the template only."""
    # As long as the function may take, and once: it goes on where nobody waits any more.
    patience = Config(read_timeout=900, retries={"total_max_attempts": 1})
    answer = target.client("lambda", patience).invoke(FunctionName=f"{stack}-migrate", Payload=b"{}")
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise StackError(f"the database is not migrated: {told.get('errorType')}: {told.get('errorMessage')}")
    print(f"database at version {told['version']}; ran {', '.join(told['run']) or 'nothing'}")


def deploy(target: Target, parameter_file: Path, profile: str, overrides: list[str]) -> None:
    stack = STACK
    if target.instance:
        instance = target.instance
        keys = token_key.local(instance)
    else:
        keys = token_key.in_ssm(target.client("ssm"), stack)
    values = {"SAGA_TYPE": "EXPRESS", **os.environ, **keys.parameters()}
    if target.instance:
        values["ARCHITECTURE"] = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
        values["PROVIDERS_URL"] = target.instance.url("providers")
        instance = target.instance
        values["SOCKETS_BASE"] = instance.url("aws").replace("http", "ws", 1) + "/_aws/execute-api"
        values["DATABASE_URL"] = instance.postgres_url
        values["CACHE_URL"] = instance.valkey_url
        for use in ("reader", "writer", "archiver"):
            values[f"DATABASE_{use.upper()}_URL"] = instance.postgres_url_of(use)
        values |= token_key.webhook_secrets(instance.payment_webhook_secret, instance.carrier_webhook_secret)
    filled = parameters(parameter_file, values, overrides)
    packages.build(ROOT / "functions", profile, filled.get("Architecture", ARCHITECTURE))
    bucket = artifacts_bucket(target)
    template = packaged_template(target, bucket)
    client = target.client("cloudformation")
    changed = change_set.apply(client, target.client("s3"), stack, template, bucket, filled, replace_failed=target.local)
    check_sender(target, filled["MailFrom"])
    outputs = change_set.outputs(client, stack)
    if target.local:
        mend_topics(target, outputs)
    if filled.get("DatabaseOwnerUrl"):
        migrate(target, stack)
    file = env_file.write(target, stack, outputs)
    print(f"stack {stack} {'deployed' if changed else 'has no changes'}; its addresses are in {file.relative_to(ROOT)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=("local", "aws"), required=True)
    parser.add_argument("--instance", choices=settings.INSTANCES, default="default")
    parser.add_argument("--parameters", type=Path)
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    try:
        local = arguments.target == "local"
        target = local_target(settings.load(arguments.instance)) if local else aws_target()
        file = arguments.parameters or ROOT / "infra" / "parameters" / f"{target.name}.json"
        deploy(target, file, "local" if local else "release", arguments.parameter)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"error: {'the local stack' if arguments.target == 'local' else 'AWS'}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
