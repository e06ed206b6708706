#!/usr/bin/env python3
"""Follows the certificates that Estrade issues, from outside, with a queue of its own.

Each certificate goes once into a register, a small SQLite file, and is printed as a line of JSON:

    pip install -r requirements.txt
    python follow_certificates.py --broker amqp://guest:guest@localhost:5672/%2f
    python follow_certificates.py --list

What it shows is how to listen to any event (docs/events.md) without losing or repeating one:

- a durable quorum queue of its own, bound to the event's type: the broker keeps what comes while
  nobody listens;
- the event's id and what was done of it are committed together, and only then is it acknowledged:
  killed in between, it gets the event again, and knows it;
- it connects again when the connection is lost, and stops in good order on SIGTERM.
"""

import argparse
import json
import os
import signal
import sqlite3
import sys
import threading

import pika
from pika.exceptions import AMQPError

EXCHANGE = "estrade.events"
EVENT = "certification.certificate-issued.v1"
# How many messages the broker hands out before the first is acknowledged.
PREFETCH = 50
LONGEST_PAUSE = 30

stopping = threading.Event()


class Register:
    """The certificates that are known, and the ids of the events that told of them."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            """
            create table if not exists inbox (event text primary key);
            create table if not exists certificate (
                certificate text primary key, learner text, course text, code text, issued_at text);
            create table if not exists unreadable (body blob, headers text, cause text);
            """
        )

    def take(self, event, certificate):
        """Enters a certificate; False if this event was taken before."""
        with self.transaction() as database:
            taken = database.execute("insert or ignore into inbox values (?)", (event,))
            if taken.rowcount == 0:
                return False
            database.execute(
                "insert or ignore into certificate values"
                " (:certificate, :learner, :course, :code, :issued_at)",
                certificate,
            )
            return True

    def keep_unreadable(self, body, headers, cause):
        with self.transaction() as database:
            row = (body, repr(headers), str(cause))
            database.execute("insert into unreadable values (?, ?, ?)", row)

    def certificates(self):
        columns = ("certificate", "learner", "course", "code", "issued_at")
        rows = self.database.execute(f"select {', '.join(columns)} from certificate order by 5, 1")
        return [dict(zip(columns, row)) for row in rows]

    def transaction(self):
        # A `with` around the connection commits, or rolls back what failed.
        self.database.execute("begin immediate")
        return self.database


def read(properties, body):
    """The event's id and what of it we want. Fields that we do not know are ignored."""
    headers = properties.headers or {}
    if headers.get("cloudEvents:type") != EVENT:
        raise ValueError(f"{headers.get('cloudEvents:type')!r} is not {EVENT}")
    data = json.loads(body)
    wanted = ("certificate", "learner", "course", "code", "issued_at")
    return headers["cloudEvents:id"], {field: str(data[field]) for field in wanted}


def follow(broker, queue, register):
    """Takes what comes until told to stop, or until the connection is lost."""
    with pika.BlockingConnection(pika.URLParameters(broker)) as connection:
        channel = connection.channel()
        # Ours alone. The limit is explicit, since RabbitMQ 4 gives up after 20 deliveries otherwise.
        arguments = {"x-queue-type": "quorum", "x-delivery-limit": 10_000}
        channel.queue_declare(queue, durable=True, arguments=arguments)
        # Refused (404) as long as Estrade has never been started on this broker.
        channel.queue_bind(queue, EXCHANGE, routing_key=EVENT)
        channel.basic_qos(prefetch_count=PREFETCH)
        say(f"following {EVENT} with the queue {queue}")
        for method, properties, body in channel.consume(queue, inactivity_timeout=0.2):
            if stopping.is_set():
                return
            if method is not None:
                handle(register, properties, body)
                channel.basic_ack(method.delivery_tag)


def handle(register, properties, body):
    try:
        event, certificate = read(properties, body)
    except (ValueError, KeyError, TypeError) as cause:
        # It will never be readable: kept to be looked at, and in nobody's way.
        register.keep_unreadable(body, properties.headers, cause)
        say(f"kept a message that cannot be read: {cause}")
        return
    if register.take(event, certificate):
        print(json.dumps(certificate), flush=True)


def follow_for_ever(broker, queue, register):
    pause = 0.5
    while not stopping.is_set():
        try:
            follow(broker, queue, register)
            pause = 0.5
        except (AMQPError, OSError) as error:
            say(f"no connection ({type(error).__name__}: {error}); trying again in {pause} s")
            stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("ESTRADE_BROKER", "amqp://guest:guest@localhost:5672/%2f")
    parser.add_argument("--broker", default=default, help="RabbitMQ, as Estrade has it")
    parser.add_argument("--queue", default="example.follow-certificates", help="a name of your own")
    parser.add_argument("--register", default="certificates.sqlite3", help="the file to keep")
    parser.add_argument("--list", action="store_true", help="print the register, and end")
    options = parser.parse_args()
    register = Register(options.register)
    if options.list:
        for certificate in register.certificates():
            print(json.dumps(certificate))
        return
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    follow_for_ever(options.broker, options.queue, register)
    say("stopped")


if __name__ == "__main__":
    main()
