// SPDX-License-Identifier: Apache-2.0
// Proofs of possession seen of late: one that comes again while it could still count is a replay
// (docs/credential-format.md §4.2). On disk before the check goes on, so that a kill forgets none.
import { sm3 } from '@zhenglian/guomi';
import { toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import { parseWire } from '@zhenglian/core/wire';
import type { GatewayContext } from '../context.ts';
import type { TableChange } from '../store/table.ts';

/** Remembers proofs. */
export interface ReplayMemory {
  /** Notes the proofs of these presentations, in order; tells of each whether it was there before. */
  note(presentations: readonly string[]): Promise<readonly boolean[]>;
}

/** A proof counts for 60 s either way of its own time, or for the 120 s of a request. */
const KEPT_SECONDS = 300;
const PREFIX = 'shown/';

/** Opens the memory with what an earlier run left. */
export async function openReplayMemory(
  parts: Pick<GatewayContext, 'store' | 'clock'>,
): Promise<ReplayMemory> {
  const { store, clock } = parts;
  const seen = new Map<string, number>();
  for await (const { key } of store.range({ prefix: PREFIX })) {
    const [, until = '', digest = ''] = key.split('/');
    seen.set(digest, Number(until));
  }
  return {
    async note(presentations) {
      const now = clock();
      const changes: TableChange[] = [];
      const until = now + KEPT_SECONDS;
      const found = presentations.map((text) => {
        const digest = proofDigest(text);
        if (digest === undefined) return false;
        if (seen.has(digest)) return true;
        seen.set(digest, until);
        changes.push({ key: keyOf(until, digest), value: new Uint8Array() });
        return false;
      });
      for (const [digest, end] of seen) {
        if (end >= now) break; // in order of their ends
        seen.delete(digest);
        changes.push({ key: keyOf(end, digest) });
      }
      if (changes.length > 0) await store.write(changes);
      return found;
    },
  };
}

function keyOf(until: number, digest: string): string {
  return `${PREFIX}${String(until).padStart(12, '0')}/${digest}`;
}

/** Names a proof; SM2 signatures cannot be turned into others of the same message without the key. */
function proofDigest(presentation: string): string | undefined {
  try {
    const proof = parseWire(presentation.trim()).holder?.proof;
    return proof && toHex(sm3.hash(proof.signature));
  } catch (error) {
    if (isCodedError(error)) return undefined; // not a presentation: `assess` says so
    throw error;
  }
}
