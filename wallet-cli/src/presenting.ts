// SPDX-License-Identifier: Apache-2.0
// Showing a copy: which one, which fields, answered to whom (docs/credential-format.md §4).
import type { Copy } from '@zhenglian/core/copy';
import { dayAt } from '@zhenglian/core/days';
import { CodedError } from '@zhenglian/core/errors';
import { presentSet, presentSlots } from '@zhenglian/core/presentation';
import { parseRequest } from '@zhenglian/core/request';
import type { PresentationRequest } from '@zhenglian/core/request';
import { treeLeaves } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { formatWire, parseWire } from '@zhenglian/core/wire';
import type { Wire } from '@zhenglian/core/wire';
import { copyOfHeld } from './held-licence.ts';
import type { HeldCopy, HeldLicence } from './held-licence.ts';
import { usageError, walletError } from './wallet-error.ts';

/** A copy chosen to be shown, with how it is stored. */
export interface ChosenCopy {
  readonly held: HeldCopy;
  readonly copy: Copy;
}

/** The copies of a licence take turns, so that showing it twice need not be seen to be the same. @throws COPY_EXPIRED */
export function chooseCopy(licence: HeldLicence, now: number): ChosenCopy {
  const today = dayAt(now);
  const [chosen] = licence.copies
    .map((held) => ({ held, copy: copyOfHeld(held) }))
    .filter(({ copy }) => copy.firstDay <= today && today <= copy.lastDay)
    .sort((a, b) => a.held.uses - b.held.uses);
  if (chosen === undefined) throw walletError('COPY_EXPIRED', 'no copy is in its days');
  return chosen;
}

/** The licence with one more use of a copy. */
export function countUse(licence: HeldLicence, used: HeldCopy): HeldLicence {
  const copies = licence.copies.map((each) =>
    each === used ? { ...each, uses: each.uses + 1 } : each,
  );
  return { ...licence, copies };
}

/** The fields to show, by a set's name or one by one. @throws USAGE, SET_UNKNOWN, FIELD_INVALID */
export function openFields(
  copy: Copy,
  type: TypeDefinition,
  wanted: { readonly set: string | undefined; readonly fields: string | undefined },
): Wire {
  const names = type.sets.map(({ name }) => name);
  if ((wanted.set === undefined) === (wanted.fields === undefined)) {
    throw usageError({
      zh: `请用 --set（${names.join('、')}）或 --fields 之一说明出示什么`,
      en: `say what to show: --set (${names.join(', ')}) or --fields, one of them`,
    });
  }
  if (wanted.fields !== undefined) {
    const slots = wanted.fields.split(',').map((name) => name.trim());
    return presentSlots(copy, type, slots);
  }
  const set = type.sets.find(({ name }) => name === wanted.set);
  if (set === undefined) {
    throw walletError('SET_UNKNOWN', 'no such set', { detail: { sets: names } });
  }
  return presentSet(copy, type, set);
}

/** Names of the slots a wire opens. */
export function openSlots(wire: Wire, type: TypeDefinition): readonly string[] {
  return treeLeaves(type.tree).filter((_, leaf) => Math.floor(wire.mask / 2 ** leaf) % 2 === 1);
}

/** A counter's request that can still be answered. @throws QR_*, REQUEST_INVALID, REQUEST_EXPIRED */
export function readRequest(text: string, now: number): PresentationRequest {
  const request = parseRequest(text);
  if (request.expiresAt < now) throw walletError('REQUEST_EXPIRED', 'the request is out of time');
  return request;
}

/** QR text that every checker takes. @throws QR_TOO_LONG, CBOR_TOO_LARGE */
export function textOf(wire: Wire): string {
  const text = formatWire(wire);
  try {
    parseWire(text);
  } catch (cause) {
    throw new CodedError('QR_TOO_LONG', 'too many fields for one code', { cause });
  }
  return text;
}
