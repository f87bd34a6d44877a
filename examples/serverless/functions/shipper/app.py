"""Ships what the queue asks for."""
import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def handler(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])["id"]
        table.update_item(Key={"id": order}, UpdateExpression="SET shipped = :yes", ExpressionAttributeValues={":yes": True})
