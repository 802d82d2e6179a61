// SPDX-License-Identifier: Apache-2.0
// Signs queued copies for the indexes they get. Thousands are signed between two turns of the event loop nowhere:
// requests are answered in between.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { anchorArgument, voidArgument } from '@zhenglian/core/anchor';
import { copyCose, copyLastDay, encodeCopy, mintCopy } from '@zhenglian/core/copy';
import { dayAt } from '@zhenglian/core/days';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { treeLeaves } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { Clock, RandomBytes } from '../context.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Archive } from './archive.ts';
import type { CopyRecord } from './copy-record.ts';
import type { LicenceRecord } from './licence-record.ts';
import type { TypeShelf } from './type-shelf.ts';

export interface MintParts {
  readonly archive: Archive;
  readonly shelf: TypeShelf;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Signed copies with their arguments, index by index; null where a copy is no longer wanted. */
export interface Minted {
  readonly copies: readonly (CopyRecord | null)[];
  readonly arguments: readonly Uint8Array[];
}

const TURN = 16;

/** Signs copies for consecutive indexes; an index whose copy was given up gets the void argument. */
export async function mintAll(
  parts: MintParts,
  orders: readonly (CopyRecord | null)[],
  place: { readonly epoch: number; readonly n: number; readonly first: number },
  signer: AuthoritySigner,
): Promise<Minted> {
  const copies: (CopyRecord | null)[] = [];
  const anchored: Uint8Array[] = [];
  for (const [i, order] of orders.entries()) {
    if (i % TURN === TURN - 1) await nextTurn();
    const licence = order === null ? undefined : await parts.archive.licence(order.licence);
    if (order === null || licence === undefined || licence.state === 'revoked') {
      copies.push(null);
      anchored.push(voidArgument());
      continue;
    }
    const index = place.first + i;
    const minted = mintOne(parts, { order, licence, ...place, index }, signer);
    copies.push(minted.copy);
    anchored.push(minted.argument);
  }
  return { copies, arguments: anchored };
}

interface One {
  readonly order: CopyRecord;
  readonly licence: LicenceRecord;
  readonly epoch: number;
  readonly n: number;
  readonly index: number;
}

function mintOne(parts: MintParts, one: One, signer: AuthoritySigner) {
  const { order, licence, epoch, index, n } = one;
  const type = parts.shelf.typeOf(licence.type, licence.typeVersion);
  const today = dayAt(parts.clock());
  const isDevice = order.holderKey !== null;
  const values = isDevice ? refreshAges(type, licence, today) : licence.values;
  const lastDay = copyLastDay(type, values, today, isDevice);
  // A copy of what has run out already is born expired.
  const firstDay = Math.min(today, lastDay);
  const { holderKey } = order;
  const seed = parts.random(16);
  const copy = mintCopy(
    { type, epoch, index, firstDay, lastDay, holderKey, seed, values },
    parts.networkId,
    signer,
  );
  const { kid } = copy;
  const place = { kid, epoch, index, n, firstDay, lastDay, copy: encodeCopy(copy) };
  return {
    copy: { ...order, step: 'signed' as const, place },
    argument: anchorArgument(copyCose(copy, type)),
  };
}

/** What follows from a birth date is derived anew: a copy made after a birthday says so. */
function refreshAges(type: TypeDefinition, licence: LicenceRecord, today: number) {
  const ages = type.slots.filter(({ kind }) => kind === 'at-least');
  if (ages.length === 0) return licence.values;
  const given = new Set(['serial', 'version', 'at-least', 'spare']);
  const leaves = treeLeaves(type.tree);
  const texts = type.slots
    .filter(({ kind }) => !given.has(kind))
    .map((slot) => {
      const value = licence.values[leaves.indexOf(slot.name)] ?? null;
      return [slot.name, formatSlotValue(slot, value)] as const;
    });
  const context = { today, testIdentities: true };
  const fields = parseFields(type, Object.fromEntries(texts), context);
  return valuesInTreeOrder(type, fields, licence.serial, licence.version);
}
