// SPDX-License-Identifier: Apache-2.0
// A trail that another gateway told, against what the own replica knows: nothing of it is believed before.
import { equals, fromBase64 } from '@zhenglian/core/bytes';
import { verifyMerklePath } from '@zhenglian/core/merkle';
import type { Replica } from '../replica/replica.ts';
import type { Trail } from '../schemas/regulating.ts';
import { encodeEntry, entryHash, TRACE_PREFIXES } from './trace-entry.ts';
import { ledgerOf } from './trail.ts';

/** `pending`: nothing is wrong, but a root or block is still to come. */
export type TrailCheck = 'proven' | 'pending' | 'BROKEN';
type Entry = Trail['entries'][number];
/** The part of a replica that trails are checked against. */
export type TrailWitness = Pick<Replica, 'traceRootBy' | 'trustBundle' | 'eventsOf' | 'height'>;

/** Checks a trail of an organisation. */
export async function checkTrail(
  replica: TrailWitness,
  trail: Trail,
  msp: string,
): Promise<TrailCheck> {
  if (trail.msp !== msp) return 'BROKEN';
  const subjects = new Set([trail.licence, ...trail.copies]);
  const inOrder = isInOrder(trail.entries);
  const about = trail.entries.every((entry) => subjects.has(entry.subject));
  if (!inOrder || !about) return 'BROKEN';
  const results = [await checkLedger(replica, trail)];
  for (const entry of trail.entries) results.push(await checkEntry(replica, entry, msp));
  if (results.includes('BROKEN')) return 'BROKEN';
  return results.includes('pending') ? 'pending' : 'proven';
}

/** Numbers rise within each instance. */
function isInOrder(entries: readonly Entry[]): boolean {
  const last = new Map<string, number>();
  return entries.every(({ instance, n }) => {
    const isNext = n > (last.get(instance) ?? -1);
    last.set(instance, n);
    return isNext;
  });
}

async function checkEntry(replica: TrailWitness, entry: Entry, msp: string): Promise<TrailCheck> {
  const content = encodeEntry(entry);
  if (!equals(entryHash(content), fromBase64(entry.hash))) return 'BROKEN';
  if (entry.proof === null) return 'pending';
  const { first, count, transactionId } = entry.proof;
  const root = fromBase64(entry.proof.root);
  const holds = verifyMerklePath({
    content,
    position: entry.n - first,
    count,
    path: entry.proof.path.map(fromBase64),
    root,
    prefixes: TRACE_PREFIXES,
  });
  if (!holds) return 'BROKEN';
  const anchored = await replica.traceRootBy(transactionId);
  if (anchored === undefined) return 'pending';
  const same =
    anchored.msp === msp &&
    anchored.instance === entry.instance &&
    anchored.first === first &&
    anchored.count === count &&
    equals(anchored.root, root);
  return same ? 'proven' : 'BROKEN';
}

/** Who issued the licence tells of its ledger too: exactly what the own blocks hold, no more, no less. */
async function checkLedger(replica: TrailWitness, trail: Trail): Promise<TrailCheck> {
  if (trail.licence === null) return trail.ledger.length === 0 ? 'proven' : 'BROKEN';
  const height = Math.min(replica.height(), trail.height);
  const own = await ledgerOf(replica, trail.copies);
  const told = trail.ledger.filter(({ blockNumber }) => blockNumber < height);
  const known = own.filter(({ blockNumber }) => blockNumber < height);
  if (!isSame(told, known)) return 'BROKEN';
  return told.length === trail.ledger.length && known.length === own.length ? 'proven' : 'pending';
}

function isSame(a: Trail['ledger'], b: Trail['ledger']): boolean {
  const canonical = (events: Trail['ledger']) =>
    events
      .map(({ kind, copy, blockNumber, transactionId, at, detail }) =>
        JSON.stringify([
          ...[kind, copy, blockNumber, transactionId, at],
          Object.entries(detail).sort(([x], [y]) => (x < y ? -1 : 1)),
        ]),
      )
      .sort();
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}
