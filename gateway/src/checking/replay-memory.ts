// SPDX-License-Identifier: Apache-2.0
// Proofs of possession seen of late: one that comes again while it could still count is a replay
// (docs/credential-format.md §4.2). On disk before the check goes on, so that a kill forgets none; a proof's row is new or
// refused, so that two instances of a province never both take one for new.
import { sm3 } from '@zhenglian/guomi';
import type { ReadPresentation } from '@zhenglian/core/assess';
import { toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import type { GatewayContext } from '../context.ts';
import type { TableChange } from '../store/table.ts';

/** Remembers proofs. */
export interface ReplayMemory {
  /** Notes the proofs of these presentations, in order; tells of each whether it was there before. */
  note(presentations: readonly ReadPresentation[]): Promise<readonly boolean[]>;
}

/** A proof counts for 60 s either way of its own time, or for the 120 s of a request. */
const KEPT_SECONDS = 300;
/** By time, to be forgotten; by digest, to be found. */
const BY_TIME = 'shown/';
const BY_DIGEST = 'shown-proof/';
const EMPTY = new Uint8Array(0);

/** Opens the memory with what an earlier run left. */
export async function openReplayMemory(
  parts: Pick<GatewayContext, 'store' | 'clock'>,
): Promise<ReplayMemory> {
  const { store, clock } = parts;
  const seen = new Map<string, number>();
  for await (const { key } of store.range({ prefix: BY_TIME })) {
    const [, until = '', digest = ''] = key.split('/');
    seen.set(digest, Number(until));
  }
  /** Writes what is new here; of what another instance has noted first nothing, and tells of it. */
  const write = async (fresh: readonly string[], until: number, forgotten: TableChange[]) => {
    let left = fresh;
    for (;;) {
      const changes = left.flatMap((digest) => [
        { key: keyOf(until, digest), value: EMPTY },
        { key: BY_DIGEST + digest, value: EMPTY, ifAbsent: true as const },
      ]);
      if (changes.length + forgotten.length === 0) return left;
      try {
        await store.write([...changes, ...forgotten]);
        return left;
      } catch (error) {
        if (!isCodedError(error, 'CONFLICT')) throw error;
        const found = await store.getMany(left.map((digest) => BY_DIGEST + digest));
        left = left.filter((_, i) => found[i] === undefined);
      }
    }
  };
  return {
    async note(presentations) {
      const now = clock();
      const until = now + KEPT_SECONDS;
      const digests = presentations.map(proofDigest);
      const fresh = new Set<string>();
      const found = digests.map((digest) => {
        if (digest === undefined) return false;
        if (seen.has(digest)) return true;
        seen.set(digest, until);
        fresh.add(digest);
        return false;
      });
      const forgotten: TableChange[] = [];
      for (const [digest, end] of seen) {
        if (end >= now) break; // in order of their ends
        seen.delete(digest);
        forgotten.push({ key: keyOf(end, digest) }, { key: BY_DIGEST + digest });
      }
      const noted = new Set(await write([...fresh], until, forgotten));
      return digests.map((digest, i) => {
        const isOthers = digest !== undefined && fresh.has(digest) && !noted.has(digest);
        return found[i] === true || isOthers;
      });
    },
  };
}

function keyOf(until: number, digest: string): string {
  return `${BY_TIME}${String(until).padStart(12, '0')}/${digest}`;
}

/** Names a proof; SM2 signatures cannot be turned into others of the same message without the key. */
function proofDigest(presentation: ReadPresentation): string | undefined {
  if ('reason' in presentation) return undefined; // not a presentation: the report says so
  const proof = presentation.holder?.proof;
  return proof && toHex(sm3.hash(proof.signature));
}
