// SPDX-License-Identifier: Apache-2.0
// Signs queued copies for the indexes they get, a few at a time: requests are answered in between.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { anchorArgument, voidArgument } from '@zhenglian/core/anchor';
import { copyLastDay, draftCopy, encodeCopy } from '@zhenglian/core/copy';
import type { CopyDraft } from '@zhenglian/core/copy';
import { dayAt } from '@zhenglian/core/days';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { treeLeaves } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { encodeCoseSign1 } from '@zhenglian/core/payload';
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
  for (let at = 0; at < orders.length; at += TURN) {
    const drafts = await draftAll(parts, orders.slice(at, at + TURN), place, at, signer.kid);
    const signed = await signAll(parts, drafts, signer);
    copies.push(...signed.map((each) => each?.copy ?? null));
    anchored.push(...signed.map((each) => each?.argument ?? voidArgument()));
    await nextTurn();
  }
  return { copies, arguments: anchored };
}

interface DraftedCopy extends CopyDraft {
  readonly order: CopyRecord;
  readonly n: number;
}

async function draftAll(
  parts: MintParts,
  orders: readonly (CopyRecord | null)[],
  place: { readonly epoch: number; readonly n: number; readonly first: number },
  from: number,
  kid: Uint8Array,
): Promise<readonly (DraftedCopy | null)[]> {
  const drafts: (DraftedCopy | null)[] = [];
  for (const [i, order] of orders.entries()) {
    const licence = order === null ? undefined : await parts.archive.licence(order.licence);
    if (order === null || licence === undefined || licence.state === 'revoked') drafts.push(null);
    else {
      const index = place.first + from + i;
      const draft = draftOne(parts, { order, licence, epoch: place.epoch, index, kid });
      drafts.push({ ...draft, order, n: place.n });
    }
  }
  return drafts;
}

async function signAll(
  { networkId }: MintParts,
  drafts: readonly (DraftedCopy | null)[],
  signer: AuthoritySigner,
) {
  const wanted = drafts.filter((draft) => draft !== null);
  const signatures = await signer.sign(
    wanted.map(({ payload }) => ({ purpose: 'licence', networkId, payload })),
  );
  const signed = new Map(wanted.map((draft, i) => [draft, signatures[i]]));
  return drafts.map((draft) => {
    const signature = draft === null ? undefined : signed.get(draft);
    return draft === null || signature === undefined ? null : completed(draft, signature);
  });
}

function completed({ copy, payload, order, n }: DraftedCopy, signature: Uint8Array) {
  const { kid, epoch, index, firstDay, lastDay } = copy;
  const bytes = encodeCopy({ ...copy, signature });
  const place = { kid, epoch, index, n, firstDay, lastDay, copy: bytes };
  return {
    copy: { ...order, step: 'signed' as const, place },
    argument: anchorArgument(encodeCoseSign1(kid, payload, signature)),
  };
}

interface One {
  readonly order: CopyRecord;
  readonly licence: LicenceRecord;
  readonly epoch: number;
  readonly index: number;
  readonly kid: Uint8Array;
}

function draftOne(parts: MintParts, { order, licence, epoch, index, kid }: One): CopyDraft {
  const type = parts.shelf.typeOf(licence.type, licence.typeVersion);
  const today = dayAt(parts.clock());
  const { holderKey } = order;
  const isDevice = holderKey !== null;
  const values = isDevice ? refreshAges(type, licence, today) : licence.values;
  const lastDay = copyLastDay(type, values, today, isDevice);
  // A copy of what has run out already is born expired.
  const firstDay = Math.min(today, lastDay);
  const seed = parts.random(16);
  return draftCopy({ type, epoch, index, firstDay, lastDay, holderKey, seed, values }, kid);
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
