// SPDX-License-Identifier: Apache-2.0
// Load over HTTP from a process of its own (autocannon): an order as JSON on standard input, figures as JSON on standard
// output. With a rate the time an answer took is counted from when it was due, so that a slow server cannot hide.
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

/** What is sent: the bodies in turn, on so many connections for so many seconds, at most so many a second. */
export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly rate?: number;
  /** So many requests, however long they take, instead of so many seconds. */
  readonly amount?: number;
  /** Each body once, dealt out to the connections; for so long as that takes. */
  readonly once?: boolean;
}

/** What came of it; milliseconds. */
export interface LoadFigures {
  readonly answered: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers that were no 2xx, errors and time-outs. */
  readonly wrong: number;
}

const order = JSON.parse(await text(process.stdin)) as LoadOrder;
const { url, headers, bodies, connections, seconds, rate, once = false } = order;
const amount = once ? bodies.length : order.amount;
const post = { method: 'POST' as const, headers };
let dealt = 0;
// Each client would build all requests before the first is sent, while they are due already: those that go once are built when it is their turn.
const next = {
  ...post,
  setupRequest: (request: object) => ({ ...request, body: bodies[dealt++] }),
};
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  ...(rate === undefined ? {} : { overallRate: rate }),
  ...(amount === undefined ? {} : { amount }),
  requests: once ? [next] : bodies.map((body) => ({ ...post, body })),
});
const figures: LoadFigures = {
  answered: result['2xx'],
  perSecond: result['2xx'] / result.duration,
  p50: result.latency.p50,
  p99: result.latency.p99,
  wrong: result.non2xx + result.errors + result.timeouts,
};
process.stdout.write(JSON.stringify(figures));
