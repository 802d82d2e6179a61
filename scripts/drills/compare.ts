// SPDX-License-Identifier: Apache-2.0
// What gateways accepted, against the chain: each document is fetched as it is printed, its leaf is computed from it, and looked for in the
// blocks of another organisation's peer.
import { anchorArgument, voidArgument } from '@zhenglian/core/anchor';
import { toHex } from '@zhenglian/core/bytes';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { parseWire } from '@zhenglian/core/wire';
import type { RunningNetwork } from '../running-network.ts';
import { batchesOf, readTransactions } from './chain.ts';
import type { ChainBatch } from './chain.ts';
import { demand, withClient } from './drill.ts';
import type { Stage } from './drill.ts';
import { openOffice } from './office.ts';
import type { Office } from './office.ts';

/** Licences of an office, and the block from which on they were anchored. */
export interface Accepted {
  readonly from: number;
  readonly office: Office;
  readonly licences: readonly string[];
  /** Those of them that were revoked since, with their codes as printed before: no gateway prints them again. */
  readonly revoked?: ReadonlyMap<string, string>;
}

const AT_ONCE = 8;
const CHECKED_ELSEWHERE = 20;
/** Drills open epochs from here on; gateways count theirs from 0. */
const DRILL_EPOCHS = 1_000_000;

/** Batches that gateways of the drill's authority anchored, as the last organisation's peer shows them. */
export async function batchesOfGateways(
  stage: Pick<Stage, 'layout' | 'issuing'>,
  from: number,
): Promise<ChainBatch[]> {
  const { layout, issuing } = stage;
  const reader = layout.organisations.at(-1)?.msp ?? '';
  const batches = await withClient(stage, reader, async (other) =>
    batchesOf(await readTransactions(other, from)),
  );
  return batches.filter(({ uscc, epoch }) => uscc === issuing.uscc && epoch < DRILL_EPOCHS);
}

/** Every document's leaf against the leaves of the blocks; gives what was found in words. @throws Error when one is lost, there twice, or of nobody */
export async function compareWithChain(
  stage: Pick<Stage, 'layout' | 'issuing'>,
  { from, office, licences, revoked }: Accepted,
): Promise<string> {
  const count = licences.length;
  demand(new Set(licences).size === count, `${String(count)} licences are listed, some twice`);
  const own = await batchesOfGateways(stage, from);
  const chain = leavesOf(own);
  const found = new Map<string, number>();
  await sideBySide(licences, async (licence) => {
    const wire = parseWire(revoked?.get(licence) ?? (await office.printed(licence)));
    const leaf = toHex(anchorArgument(openPresentation(wire, DRIVING).cose));
    const place = `${String(wire.epoch)}/${String(wire.index)}`;
    demand(chain.get(place) === leaf, `the licence at ${place} is not what the chain holds`);
    found.set(place, (found.get(place) ?? 0) + 1);
  });
  const twice = [...found.values()].filter((times) => times > 1).length;
  const unknown = chain.size - found.size;
  const words = `${String(own.length)} batches in the chain, ${String(chain.size)} leaves; every printed document's leaf is there: lost ${String(count - found.size)}, twice ${String(twice)}, of nobody ${String(unknown)}`;
  demand(found.size === count && twice + unknown === 0, words);
  return words;
}

/** What another province's counter says of some of them, in words. @throws Error unless all are VALID, and what was revoked is REVOKED */
export async function checkElsewhere(
  network: RunningNetwork,
  { office, licences, revoked = new Map() }: Accepted,
): Promise<string> {
  const away = openOffice(network, 'P33');
  const verdicts: string[] = [];
  const living = licences.filter((licence) => !revoked.has(licence));
  for (const licence of living.slice(-CHECKED_ELSEWHERE)) {
    verdicts.push(await away.verdict(await office.printed(licence)));
  }
  for (const code of revoked.values()) {
    const verdict = await away.verdict(code);
    demand(verdict === 'REVOKED', `what was revoked is ${verdict} elsewhere`);
  }
  const valid = verdicts.filter((verdict) => verdict === 'VALID').length;
  demand(valid === verdicts.length, `verdicts elsewhere: ${verdicts.join(', ')}`);
  const more =
    revoked.size > 0 ? `, ${String(revoked.size)} of ${String(revoked.size)} REVOKED` : '';
  return `in another province ${String(valid)} of ${String(verdicts.length)} are VALID${more}`;
}

/** Does something for each, several at a time. */
export async function sideBySide<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await task(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Leaves by epoch and index, without those of abandoned indexes. @throws Error for an index that is there twice */
function leavesOf(batches: readonly ChainBatch[]): Map<string, string> {
  const abandoned = toHex(voidArgument());
  const leaves = new Map<string, string>();
  for (const { epoch, first, leaves: own } of batches) {
    for (const [i, bytes] of own.entries()) {
      const place = `${String(epoch)}/${String(first + i)}`;
      demand(!leaves.has(place), `index ${place} was anchored twice`);
      if (toHex(bytes) !== abandoned) leaves.set(place, toHex(bytes));
    }
  }
  return leaves;
}
