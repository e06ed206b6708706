"""FastStream with asyncpg, set up for durability as its documentation says.

https://faststream.ag2.ai/latest/rabbit/ack/ (acknowledged after the handler, with its error rejected),
https://faststream.ag2.ai/latest/rabbit/queue/ (quorum queues); publishing is confirmed by default.
The two processes of its `--workers 2` are started by the bench itself.
"""

import asyncio
import logging
import os

import asyncpg
import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue

import grading

broker = RabbitBroker(
    os.environ["BENCH_BROKER"],
    default_channel=Channel(prefetch_count=int(os.environ.get("BENCH_PREFETCH", "100"))),
    logger=None,
    log_level=logging.WARNING,
)
app = FastStream(broker, logger=None)
quiz = grading.load_quiz()
sql = grading.INSERT.format(",".join(f"${place}" for place in range(1, 13)))
state = {}

WORK = RabbitQueue("assessment.grade", queue_type=QueueType.QUORUM, durable=True, declare=False)
MARKS = RabbitExchange(grading.EXCHANGE, type=ExchangeType.TOPIC, durable=True, declare=False)


@app.on_startup
async def open_pool():
    state["pool"] = await asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=8, max_size=8)


@app.after_shutdown
async def close_pool():
    await state["pool"].close()


@broker.subscriber(WORK, ack_policy=AckPolicy.NACK_ON_ERROR)
async def grade(submitted: dict):
    graded = grading.grade(quiz, submitted)
    await state["pool"].execute(sql, *grading.row(submitted, graded))
    await broker.publish(
        graded, exchange=MARKS, routing_key=grading.ROUTING_KEY, persist=True, mandatory=True
    )


async def main():
    await app.run()


if __name__ == "__main__":
    uvloop.run(main())
