// SPDX-License-Identifier: Apache-2.0
// What an observer of a run may know of a licence: every field, the number, the place and signature of its copy. No seed.
import { sm3 } from '@zhenglian/guomi';
import { fromHex, toHex, utf8 } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { parseFields, valuesInTreeOrder } from '@zhenglian/core/fields';
import { treeLeaves } from '@zhenglian/core/types/definition';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import type { SlotValue } from '@zhenglian/core/types/slot-value';
import type { Wire } from '@zhenglian/core/wire';
import { LEAST_BYTES } from './byte-finder.ts';
import type { Needle } from './byte-finder.ts';

/** One field as it was given, with what was signed for it. */
export interface KnownField {
  readonly slot: string;
  readonly kind: string;
  readonly text: string;
  readonly value: SlotValue;
}

/** A licence and one copy of it. `values` are in tree order. */
export interface KnownLicence {
  readonly type: TypeDefinition;
  readonly fields: readonly KnownField[];
  readonly values: readonly SlotValue[];
  readonly wire: Omit<Wire, 'proof'>;
}

/** Kinds of slots whose values name one person or thing; those of the others are shared by many. */
const TELLING = new Set(['text', 'citizen-id', 'uscc', 'file-number', 'serial', 'digest']);

/** Makes an observer's knowledge of the texts of a licence, its serial (hex) and version, and its code. */
export function knowLicence(
  type: TypeDefinition,
  texts: Readonly<Record<string, string>>,
  issued: { readonly serial: string; readonly version: number; readonly today: number },
  wire: Wire,
): KnownLicence {
  const given = Object.entries(texts).map(([slot, text]) => {
    const kind = type.slots.find(({ name }) => name === slot)?.kind;
    return [slot, kind === 'digest' ? toHex(sm3.hash(utf8(text))) : text];
  });
  const { serial, version, today } = issued;
  const parsed = parseFields(type, Object.fromEntries(given) as Record<string, string>, {
    today,
    testIdentities: true,
  });
  const values = valuesInTreeOrder(type, parsed, fromHex(serial), version);
  const fields = treeLeaves(type.tree).flatMap((slot, leaf): KnownField[] => {
    const kind = type.slots.find(({ name }) => name === slot)?.kind ?? '';
    const value = values[leaf] ?? null;
    const text = kind === 'serial' ? serial : (texts[slot] ?? String(value));
    return value === null ? [] : [{ slot, kind, text, value }];
  });
  return { type, fields, values, wire };
}

/** Whatever of a licence must be nowhere, in every form it could be written in. */
export function needlesOf({ fields }: KnownLicence): Needle[] {
  return fields.flatMap(({ slot, kind, text, value }) => {
    if (slot === 'birthDate') return textNeedles(text);
    if (!TELLING.has(kind)) return [];
    return [...textNeedles(text), ...valueNeedles(text, value)];
  });
}

/** A text as UTF-8 (so in CBOR and JSON too), as UTF-16, with JSON's escapes and a URL's. */
export function textNeedles(text: string): Needle[] {
  const little = Buffer.from(text, 'utf16le');
  const escaped = [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const forms: Uint8Array[] = [
    utf8(text),
    utf8(text.toLowerCase()),
    little,
    Buffer.from(little).swap16(),
    utf8(escaped.join('')),
    utf8(encodeURIComponent(text)),
    utf8(encodeURIComponent(text).toLowerCase()),
  ];
  return named(text, forms);
}

/** A value as it is signed: in CBOR, and a number as its bytes in both orders. */
function valueNeedles(text: string, value: SlotValue): Needle[] {
  const forms = [encodeCbor(value)];
  if (value instanceof Uint8Array) forms.push(value);
  if (typeof value === 'bigint') {
    const bytes = fromHex(value.toString(16).padStart(16, '0'));
    forms.push(bytes, Uint8Array.from(bytes).reverse());
  }
  return named(text, forms);
}

function named(label: string, forms: readonly Uint8Array[]): Needle[] {
  const different = new Map(forms.map((bytes) => [toHex(bytes), bytes]));
  return [...different.values()]
    .filter((bytes) => bytes.length >= LEAST_BYTES)
    .map((bytes) => ({ label, bytes }));
}
