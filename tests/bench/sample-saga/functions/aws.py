"""Clients of AWS, each call marked with the function it is from, so that a proxy can tell them apart."""

import os

import boto3
from botocore.config import Config

MARKED = Config(user_agent_appid=os.environ["AWS_LAMBDA_FUNCTION_NAME"])


def client(service: str):
    return boto3.client(service, config=MARKED)


def table(variable: str):
    """The table that an environment variable names."""
    return boto3.resource("dynamodb", config=MARKED).Table(os.environ[variable])
