// SPDX-License-Identifier: Apache-2.0
// Signs copies for the indexes they get, a few dozen at a time: while one lot is signed the trees of the next are hashed, and
// what is signed is taken in.
import { anchorArgument } from '@zhenglian/core/anchor';
import { copyLastDay } from '@zhenglian/core/copy';
import type { CopyOrder } from '@zhenglian/core/copy';
import { dayAt } from '@zhenglian/core/days';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { encodeCoseSign1 } from '@zhenglian/core/payload';
import { treeLeaves } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatSlotValue } from '@zhenglian/core/types/slot-value';
import type { Clock, RandomBytes } from '../context.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Work } from '../thread/work.ts';
import type { CopyPlace } from './copy-record.ts';
import type { Place } from './lanes.ts';
import type { LicenceRecord } from './licence-record.ts';
import type { TypeShelf } from './type-shelf.ts';

export interface MintParts {
  readonly shelf: Pick<TypeShelf, 'typeOf'>;
  readonly networkId: Uint8Array;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly work: Pick<Work, 'payloads'>;
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

/** Copies of a lot: six milliseconds of a thread. */
const LOT = 64;
/** Lots that are begun before the first of them is done. */
const AHEAD = 4;

/** Signs copies with one authority's key; the results are in the order of the orders. */
export async function mintAll(
  parts: MintParts,
  orders: readonly MintOrder[],
  signer: AuthoritySigner,
): Promise<readonly Minted[]> {
  const lots: Promise<readonly Minted[]>[] = [];
  for (let at = 0; at < orders.length; at += LOT) {
    await lots[lots.length - AHEAD];
    const lot = mintLot(parts, orders.slice(at, at + LOT), signer);
    lot.catch(() => undefined); // told when it is waited for
    lots.push(lot);
  }
  return (await Promise.all(lots)).flat();
}

async function mintLot(
  parts: MintParts,
  orders: readonly MintOrder[],
  signer: AuthoritySigner,
): Promise<readonly Minted[]> {
  const { networkId, work } = parts;
  const { kid } = signer;
  const copies = orders.map((order) => copyOrder(parts, order));
  const payloads = await work.payloads({ orders: copies, kid });
  const signatures = await signer.sign(
    payloads.map((payload) => ({ purpose: 'licence', networkId, payload })),
  );
  return orders.map((order, i) => {
    const [copy, payload, signature] = [copies[i], payloads[i], signatures[i]];
    if (copy === undefined || payload === undefined || signature === undefined) {
      throw new TypeError('unreachable: a payload and a signature for each copy');
    }
    const { epoch, index, firstDay, lastDay, seed, values } = copy;
    const place = { kid, epoch, index, firstDay, lastDay, seed, signature };
    return {
      place: values === order.licence.values ? place : { ...place, values: [...values] },
      argument: anchorArgument(encodeCoseSign1(kid, payload, signature)),
    };
  });
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
