// SPDX-License-Identifier: Apache-2.0
// Idempotency-Key (docs/api.md §1): the first answer to a key is kept for a day, sealed; the same request gets it
// again. Where the effect is one batch the answer is part of it, so that a kill leaves both or neither.
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { fromUtf8, utf8 } from '@zhenglian/core/bytes';
import { dayAt } from '@zhenglian/core/days';
import type { GatewayContext } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import type { TableChange } from '../store/table.ts';
import { principalOf } from './auth.ts';

/** An answer of a route: its status and what becomes JSON; or a text in pieces, which is never kept. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream?: AsyncIterable<string>;
}

/** The changes that keep an answer, for the batch of the effect; none when the request has no key. */
export type Remember = (answer: Answer) => readonly TableChange[];

interface Kept {
  readonly at: number;
  readonly digest: string;
  readonly answer: Answer;
}
type Parts = Pick<GatewayContext, 'store' | 'vault' | 'locks' | 'clock'>;

const KEY = /^[A-Za-z0-9_-]{8,64}$/;
const KEPT_SECONDS = 86_400;

/**
 * Does the work once for each key; requests with one key wait for each other. A request without one pays for nothing.
 * @throws IDEMPOTENCY_KEY, IDEMPOTENCY_MISMATCH, and what the work throws
 */
export async function once(
  parts: Parts,
  request: Request,
  digestOf: () => string,
  work: (remember: Remember) => Promise<Answer>,
): Promise<Answer> {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return work(() => []);
  if (typeof given !== 'string' || !KEY.test(given)) {
    throw gatewayError('IDEMPOTENCY_KEY', 'Idempotency-Key: 8 to 64 of A-Z, a-z, 0-9, _ and -');
  }
  const bodyDigest = digestOf();
  const { store, clock } = parts;
  const who = principalOf(request)?.actor ?? '';
  const route = `${request.method} ${request.originalUrl}`;
  const name = parts.vault.index('idempotency', JSON.stringify([who, route, given]));
  return parts.locks.hold(`once/${name}`, async () => {
    const before = await find(parts, name);
    if (before !== undefined) return replay(before, bodyDigest);
    const kept = { isKept: false };
    const keep = (answer: Answer): TableChange[] => {
      kept.isKept = true;
      const content: Kept = { at: clock(), digest: bodyDigest, answer };
      return [{ key: keyOf(clock(), name), value: utf8(JSON.stringify(content)) }];
    };
    const answer = await work(keep);
    if (!kept.isKept && answer.status < 300) await store.write(keep(answer));
    return answer;
  });
}

/** Digest of a JSON body, as `once` compares them. */
export function jsonDigest(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([body]))
    .digest('hex');
}

/** Deletes answers of days gone by. */
export async function forgetOldAnswers(parts: Parts): Promise<void> {
  const oldest = keyOf(parts.clock() - KEPT_SECONDS, '');
  const changes: TableChange[] = [];
  for await (const { key } of parts.store.range({ prefix: 'once/' })) {
    if (key >= oldest) break;
    changes.push({ key });
  }
  await parts.store.write(changes);
}

async function find(parts: Parts, name: string): Promise<Kept | undefined> {
  const now = parts.clock();
  // Tomorrow too: it was kept by a clock that ran ahead and was set right since.
  for (const at of [now, now - KEPT_SECONDS, now + KEPT_SECONDS]) {
    const stored = await parts.store.get(keyOf(at, name));
    if (stored === undefined) continue;
    const kept = JSON.parse(fromUtf8(stored)) as Kept;
    if (now - kept.at < KEPT_SECONDS) return kept;
  }
  return undefined;
}

function replay(kept: Kept, digest: string): Answer {
  if (kept.digest !== digest) {
    throw gatewayError('IDEMPOTENCY_MISMATCH', 'this key was used for another request');
  }
  return kept.answer;
}

function keyOf(at: number, name: string): string {
  return `once/${String(dayAt(at)).padStart(6, '0')}/${name}`;
}
