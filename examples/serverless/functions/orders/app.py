"""Takes an order: keeps it, asks for its shipment, tells everybody."""
import json
import os
import time
import uuid

import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
sqs, sns = boto3.client("sqs"), boto3.client("sns")


def place(order):
    order = {"id": str(uuid.uuid4()), "placed": int(time.time()), "customer": str(order["customer"]), "items": order["items"]}
    table.put_item(Item=order)
    sqs.send_message(QueueUrl=os.environ["SHIPMENTS_QUEUE_URL"], MessageBody=json.dumps({"id": order["id"]}))
    sns.publish(TopicArn=os.environ["EVENTS_TOPIC_ARN"], Message=json.dumps(order),
                MessageAttributes={"type": {"DataType": "String", "StringValue": "placed"}})
    return order


def handler(event, context):
    if event["routeKey"] == "POST /orders":
        return {"statusCode": 201, "body": json.dumps(place(json.loads(event["body"])))}
    found = table.get_item(Key={"id": event["pathParameters"]["id"]}).get("Item")
    return {"statusCode": 200 if found else 404, "body": json.dumps(found, default=str)}
