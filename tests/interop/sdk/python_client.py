"""A program as a user of boto3 writes it: the default credential chain, and GetCallerIdentity for each line of standard input. It
prints which access key answered as whom, so that a test sees one process change its credentials."""
import sys

import boto3

session = boto3.Session()
client = session.client("sts")
for _ in sys.stdin:
    try:
        arn = client.get_caller_identity()["Arn"]
        print(session.get_credentials().get_frozen_credentials().access_key, arn, flush=True)
    except Exception as e:  # whatever the SDK raises is the answer
        print("error:", e, flush=True)
