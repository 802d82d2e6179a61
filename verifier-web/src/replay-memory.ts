// SPDX-License-Identifier: Apache-2.0
// Remembers presentation proofs that were accepted, so that the same one counts once (docs/credential-format.md §4.2).
import { toHex } from '@zhenglian/core/bytes';
import { parseWire } from '@zhenglian/core/wire';
import * as json from './json.ts';

const KEY = 'zhenglian-proofs';
const readTimes = json.dictionary(json.number);
const SECONDS = 300; // 60 s that a proof counts, 120 s of a request, clocks a little apart

/** The proofs seen lately. */
export interface ReplayMemory {
  /** Whether the presentation's proof was remembered less than five minutes ago. */
  has(presentation: string, now: number): boolean;
  add(presentation: string, now: number): void;
}

/** The memory in a store that outlives a reload of the page. */
export function openReplayMemory(store: Pick<Storage, 'getItem' | 'setItem'>): ReplayMemory {
  const seen = readSeen(store);
  return {
    has(presentation, now) {
      const proof = proofOf(presentation);
      const at = proof === undefined ? undefined : seen.get(proof);
      return at !== undefined && now - at <= SECONDS;
    },
    add(presentation, now) {
      for (const [proof, at] of seen) if (now - at > SECONDS) seen.delete(proof);
      const proof = proofOf(presentation);
      if (proof === undefined) return;
      seen.set(proof, now);
      store.setItem(KEY, JSON.stringify(Object.fromEntries(seen)));
    },
  };
}

function readSeen(store: Pick<Storage, 'getItem'>): Map<string, number> {
  try {
    return new Map(Object.entries(readTimes(JSON.parse(store.getItem(KEY) ?? '{}'), KEY)));
  } catch {
    return new Map(); // written by nobody, or by another version
  }
}

function proofOf(presentation: string): string | undefined {
  try {
    const proof = parseWire(presentation.trim()).holder?.proof;
    return proof && toHex(proof.signature);
  } catch {
    return undefined; // not a licence code: nothing to remember
  }
}
