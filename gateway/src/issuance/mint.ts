// SPDX-License-Identifier: Apache-2.0
// Signs copies for the indexes they get, a few at a time: requests are answered in between.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { anchorArgument } from '@zhenglian/core/anchor';
import { copyLastDay, draftCopies } from '@zhenglian/core/copy';
import type { CopyDraft, CopyOrder } from '@zhenglian/core/copy';
import { dayAt } from '@zhenglian/core/days';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { encodeCoseSign1 } from '@zhenglian/core/payload';
import { treeLeaves } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { Clock, RandomBytes } from '../context.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { CopyPlace } from './copy-record.ts';
import type { Place } from './lanes.ts';
import type { LicenceRecord } from './licence-record.ts';
import type { TypeShelf } from './type-shelf.ts';

export interface MintParts {
  readonly shelf: Pick<TypeShelf, 'typeOf'>;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** A copy that is wanted, and where. */
export interface MintOrder {
  readonly licence: LicenceRecord;
  readonly holderKey: Uint8Array | null;
  readonly place: Place;
}

/** A signed copy's place, and its argument for the ledger. */
export interface Minted {
  readonly place: CopyPlace;
  readonly argument: Uint8Array;
}

/** Trees built together, between two turns of the event loop: about a millisecond's work. */
const TURN = 32;
const SIGNED_AT_ONCE = 256;

/** Signs copies with one authority's key; the results are in the order of the orders. */
export async function mintAll(
  parts: MintParts,
  orders: readonly MintOrder[],
  signer: AuthoritySigner,
): Promise<readonly Minted[]> {
  const minted: Minted[] = [];
  for (let at = 0; at < orders.length; at += SIGNED_AT_ONCE) {
    const drafts = await draftAll(parts, orders.slice(at, at + SIGNED_AT_ONCE), signer.kid);
    const { networkId } = parts;
    const signatures = await signer.sign(
      drafts.map(({ payload }) => ({ purpose: 'licence', networkId, payload })),
    );
    for (const [i, draft] of drafts.entries()) minted.push(completed(draft, signatures[i]));
  }
  return minted;
}

interface DraftedCopy extends CopyDraft {
  readonly isOwn: boolean;
}

async function draftAll(
  parts: MintParts,
  orders: readonly MintOrder[],
  kid: Uint8Array,
): Promise<readonly DraftedCopy[]> {
  const drafts: DraftedCopy[] = [];
  for (let at = 0; at < orders.length; at += TURN) {
    if (at > 0) await nextTurn();
    const wanted = orders.slice(at, at + TURN).map((order) => copyOrder(parts, order));
    for (const [i, draft] of draftCopies(wanted, kid).entries()) {
      drafts.push({ ...draft, isOwn: wanted[i]?.values === orders[at + i]?.licence.values });
    }
  }
  return drafts;
}

function copyOrder(
  parts: MintParts,
  { licence, holderKey, place: { epoch, index } }: MintOrder,
): CopyOrder {
  const type = parts.shelf.typeOf(licence.type, licence.typeVersion);
  const today = dayAt(parts.clock());
  const isDevice = holderKey !== null;
  const values = isDevice ? refreshAges(type, licence, today) : licence.values;
  const lastDay = copyLastDay(type, values, today, isDevice);
  // A copy of what has run out already is born expired.
  const firstDay = Math.min(today, lastDay);
  const seed = parts.random(16);
  return { type, epoch, index, firstDay, lastDay, holderKey, seed, values };
}

function completed(
  { copy, payload, isOwn }: DraftedCopy,
  signature: Uint8Array | undefined,
): Minted {
  if (signature === undefined) throw new TypeError('unreachable: one signature a content');
  const { kid, epoch, index, firstDay, lastDay, seed, values } = copy;
  const place = { kid, epoch, index, firstDay, lastDay, seed, signature };
  return {
    place: isOwn ? place : { ...place, values: [...values] },
    argument: anchorArgument(encodeCoseSign1(kid, payload, signature)),
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
