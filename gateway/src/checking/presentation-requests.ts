// SPDX-License-Identifier: Apache-2.0
// What a counter asks of holders: a nonce that is used once (docs/credential-format.md §4.3). Stored before it is told,
// marked as used before a check begins: a kill may waste a request, never let it serve twice.
import { toHex } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import type { PresentationRequest } from '@zhenglian/core/request';
import { bool, bytes, integer, record, text } from '@zhenglian/core/shape';
import type { GatewayContext } from '../context.ts';
import { gatewayError } from '../problem-codes.ts';
import { putCbor } from '../store/table-cbor.ts';
import type { TableChange } from '../store/table.ts';

type Parts = Pick<GatewayContext, 'store' | 'locks' | 'clock' | 'random'>;

const LIFE = 120;
/** Seconds a request is remembered after its end, so that a late answer is told why. */
const REMEMBERED = 3600;
const stored = record({
  nonce: bytes(16),
  audience: text(64),
  act: text(32),
  expiresAt: integer(0, 0xffff_ffff),
  spent: bool,
});

/** Makes a request and stores it; with the asker's own nonce where one is given. */
export async function createRequest(
  parts: Parts,
  wanted: { readonly act: string; readonly audience: string; readonly nonce?: Uint8Array },
  remember: (id: string, request: PresentationRequest) => readonly TableChange[],
): Promise<{ readonly id: string; readonly request: PresentationRequest }> {
  const id = toHex(parts.random(16));
  const { act, audience, nonce = parts.random(16) } = wanted;
  const expiresAt = parts.clock() + LIFE;
  const request = { nonce, audience, act, expiresAt };
  const change = putCbor(keyOf(id), { ...request, spent: false });
  await parts.store.write([change, ...remember(id, request)]);
  return { id, request };
}

/** Uses a request up. @throws REQUEST_UNKNOWN, REQUEST_SPENT, REQUEST_INVALID when it is for another act */
export function spendRequest(parts: Parts, id: string, act: string): Promise<PresentationRequest> {
  return parts.locks.hold(keyOf(id), async () => {
    const found = await parts.store.get(keyOf(id));
    if (found === undefined) {
      throw gatewayError('REQUEST_UNKNOWN', 'this request was not made here');
    }
    const { spent, ...request } = stored(decodeCbor(found), 'request');
    if (spent || request.expiresAt < parts.clock()) {
      throw gatewayError('REQUEST_SPENT', 'this request was used, or is out of time');
    }
    if (request.act !== act) {
      const detail = [{ path: 'body.act', reason: 'differs' }];
      throw gatewayError('REQUEST_INVALID', 'the request is for another act', { detail });
    }
    await parts.store.write([putCbor(keyOf(id), { ...request, spent: true })]);
    return request;
  });
}

/** Deletes requests that ended long ago. */
export async function forgetOldRequests(parts: Parts): Promise<void> {
  const oldest = parts.clock() - REMEMBERED;
  const changes: TableChange[] = [];
  for await (const { key, value } of parts.store.range({ prefix: 'request/' })) {
    if (stored(decodeCbor(value), 'request').expiresAt < oldest) changes.push({ key });
  }
  await parts.store.write(changes);
}

function keyOf(id: string): string {
  return `request/${id}`;
}
