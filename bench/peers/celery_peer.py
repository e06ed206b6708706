"""Celery 5 with psycopg, set up for durability as its documentation says.

https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html (quorum queues,
confirmed publishing), https://docs.celeryq.dev/en/stable/userguide/optimizing.html (prefetch).
Run as a worker: `celery -A celery_peer worker`; as a program it puts submissions into the queue.
"""

import json
import os
import sys

import psycopg
from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown
from kombu import Exchange, Queue

import grading

app = Celery("bench", broker=os.environ["BENCH_BROKER"])
app.conf.update(
    task_default_queue="bench.celery",
    task_default_queue_type="quorum",
    task_default_exchange_type="topic",
    task_queues=[
        Queue(
            "bench.celery",
            Exchange("bench.celery", type="topic"),
            routing_key="bench.celery",
            queue_arguments={"x-queue-type": "quorum"},
        )
    ],
    task_default_exchange="bench.celery",
    task_default_routing_key="bench.celery",
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
)

MARKS = Exchange(grading.EXCHANGE, type="topic", durable=True)
state = {}


@worker_process_init.connect
def open_connections(**_):
    state["database"] = psycopg.connect(os.environ["BENCH_DATABASE"], autocommit=True)
    state["connection"] = app.connection_for_write()
    state["producer"] = app.amqp.Producer(state["connection"], auto_declare=False)
    state["quiz"] = grading.load_quiz()


@worker_process_shutdown.connect
def close_connections(**_):
    for name in ("database", "connection"):
        if name in state:
            state[name].close()


@app.task(name="bench.grade")
def grade(submitted):
    graded = grading.grade(state["quiz"], submitted)
    # psycopg prepares a statement by itself when it is used often.
    sql = grading.INSERT.format(",".join(["%s"] * 12))
    state["database"].execute(sql, grading.row(submitted, graded))
    # With confirm_publish this returns when the broker has confirmed.
    state["producer"].publish(
        graded,
        exchange=MARKS,
        routing_key=grading.ROUTING_KEY,
        serializer="json",
        delivery_mode="persistent",
        mandatory=True,
    )


def fill():
    with app.producer_pool.acquire() as producer:
        for line in sys.stdin:
            grade.apply_async((json.loads(line),), producer=producer)


if __name__ == "__main__":
    fill()
