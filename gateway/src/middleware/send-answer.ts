// SPDX-License-Identifier: Apache-2.0
// Sends what a route answered: JSON, nothing, or a text that is made while it is sent and waits for a slow reader.
import { once } from 'node:events';
import type { Response } from 'express';
import type { Answer } from './idempotency.ts';

export async function sendAnswer(response: Response, answer: Answer): Promise<void> {
  const { status, body, headers = {}, stream } = answer;
  response.status(status).set(headers);
  if (stream !== undefined) await sendPieces(response, stream);
  else if (body === undefined) response.end();
  else sendJson(response, body);
}

/** As a text, which goes out with its header in one piece; Express would make bytes of it first. What the caller has: 304. */
export function sendJson(response: Response, body: unknown): void {
  if (response.req.fresh) {
    response.status(304).end();
    return;
  }
  const text = JSON.stringify(body);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

/** Headers are out by then: what fails later can only break the line, so that nobody takes a part for the whole. */
async function sendPieces(response: Response, pieces: AsyncIterable<string>): Promise<void> {
  response.flushHeaders();
  const closed = once(response, 'close').catch(() => undefined);
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed]);
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}
