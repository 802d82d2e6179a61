// SPDX-License-Identifier: Apache-2.0
// Signs copies again at the indexes they have: their key was burned, ran out or was replaced before they were anchored.
import type { FaultPoint } from '../fault-points.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Archive } from './archive.ts';
import { storeCopy } from './copy-record.ts';
import type { BatchRecord } from './batch-record.ts';
import type { CopyRecord } from './copy-record.ts';
import { keepFormer } from './former-batch.ts';
import type { SignedLeaf } from './former-batch.ts';
import { isVoid, leafOf, unpackRun, voidLeafOf } from './leaf.ts';
import type { Leaf, LeafRun } from './leaf.ts';
import type { Leaves } from './leaves.ts';
import type { LaneName } from './lane.ts';
import { mintAll } from './mint.ts';
import type { MintOrder, MintParts } from './mint.ts';

export interface SignAnewParts extends MintParts {
  readonly store: Table;
  readonly archive: Archive;
  readonly leaves: Leaves;
  readonly fault: FaultPoint;
}

/** Signs the copies of consecutive leaves with another key; void ones stay void. `former`: the batch they were in. Under the lane's lock. */
export async function signAnew(
  parts: SignAnewParts,
  lane: LaneName,
  runs: readonly LeafRun[],
  signer: AuthoritySigner,
  former?: BatchRecord,
): Promise<readonly LeafRun[]> {
  const leaves = runs.flatMap(unpackRun);
  const [first] = leaves;
  if (first === undefined) return runs;
  const standing: Leaf[] = [];
  const copies: CopyRecord[] = [];
  const orders: MintOrder[] = [];
  const changes: TableChange[] = [];
  const signed: SignedLeaf[] = [];
  for (const leaf of leaves) {
    const copy = await parts.archive.copy(leaf.licence, leaf.copy);
    if (copy === undefined) continue;
    signed.push({ leaf, copy });
    if (isVoid(leaf)) {
      standing.push(voidLeafOf({ ...copy, place: { ...copy.place, kid: signer.kid } }));
      continue;
    }
    const licence = await parts.archive.licence(leaf.licence);
    const place = { epoch: lane.epoch, index: leaf.index };
    copies.push(copy);
    orders.push({ licence, holderKey: copy.holderKey, place });
  }
  const minted = await mintAll(parts, orders, signer);
  for (const [i, { place, argument }] of minted.entries()) {
    const copy = copies[i];
    if (copy === undefined) continue;
    const again = { ...copy, place };
    changes.push(storeCopy(again));
    standing.push(leafOf(again, argument));
  }
  standing.sort((a, b) => a.index - b.index);
  changes.push(...(await parts.leaves.replace(lane, standing)));
  if (former !== undefined) changes.push(...(await keepFormer(parts.store, former, signed)));
  await parts.store.write(changes);
  parts.fault('resigned');
  return parts.leaves.load(lane, first.index, leaves.length);
}
