// SPDX-License-Identifier: Apache-2.0
// The values a slot may have: from text (minting), from CBOR (verifying), to text (people).
// docs/credential-format.md §4.1; one entry a kind.
import { fromHex, toHex } from '../bytes.ts';
import type { CborValue } from '../cbor.ts';
import { formatDay, parseDay } from '../days.ts';
import { decodeCitizenId, encodeCitizenId } from '../identifiers/citizen-id.ts';
import { decodeFileNumber, encodeFileNumber } from '../identifiers/file-number.ts';
import { isUscc } from '../identifiers/uscc.ts';
import type { Label, Slot, SlotKind } from './definition.ts';

/** A slot's value as it is signed; null when absent. */
export type SlotValue = null | boolean | number | bigint | string | Uint8Array;

interface Kind {
  /** The value of a text, or undefined when the text is none. */
  readonly parse: (text: string, slot: Slot) => SlotValue | undefined;
  /** Tells whether a decoded value is one of this kind. */
  readonly admits: (value: SlotValue, slot: Slot) => boolean;
  readonly format: (value: SlotValue, slot: Slot) => string;
}

const MAX_DAY = 2_932_896; // 9999-12-31
const MIN_DAY = -354_285; // 1000-01-01
const LONG_TERM = '长期';
const CONTROL = /\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Zl}|\p{Zp}/u;

const isDay = (value: SlotValue): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= MIN_DAY && value <= MAX_DAY;
const isBytes = (value: SlotValue, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length;
const never: Kind = { parse: () => undefined, admits: () => false, format: () => '' };

const KINDS: Readonly<Record<SlotKind, Kind>> = {
  text: {
    parse: (text) => text,
    admits: (value, slot) =>
      typeof value === 'string' &&
      value.length > 0 &&
      [...value].length <= (slot.max ?? 100) &&
      !CONTROL.test(value),
    format: String,
  },
  'citizen-id': {
    parse: (text) => attempt(() => encodeCitizenId(text)),
    admits: (value) =>
      (typeof value === 'bigint' || typeof value === 'number') &&
      attempt(() => decodeCitizenId(value)) !== undefined,
    format: (value) => decodeCitizenId(value as bigint),
  },
  uscc: {
    parse: (text) => text,
    admits: (value) => typeof value === 'string' && isUscc(value),
    format: String,
  },
  date: { parse: parseDay, admits: isDay, format: (value) => formatDay(Number(value)) },
  'end-date': {
    parse: (text) => (text === LONG_TERM ? true : parseDay(text)),
    admits: (value) => value === true || isDay(value),
    format: (value) => (value === true ? LONG_TERM : formatDay(Number(value))),
  },
  code: {
    parse: (text, slot) =>
      [...(slot.values ?? [])].find(([key, label]) => isCodeText(text, key, label))?.[0],
    admits: (value, slot) =>
      (typeof value === 'string' || typeof value === 'number') && slot.values?.has(value) === true,
    format: String,
  },
  codes: {
    parse: (text) => text,
    admits: (value, slot) => typeof value === 'string' && isJoinedCodes(value, slot),
    format: String,
  },
  boolean: {
    parse: (text) => ({ true: true, false: false })[text],
    admits: (value) => typeof value === 'boolean',
    format: String,
  },
  'file-number': {
    parse: (text) => attempt(() => bytesOf(encodeFileNumber(text), 5)),
    admits: (value) =>
      isBytes(value, 5) && attempt(() => decodeFileNumber(uintOf(value))) !== undefined,
    format: (value) => decodeFileNumber(uintOf(value as Uint8Array)),
  },
  serial: {
    parse: (text) => (/^[0-9A-F]{16}$/.test(text) ? fromHex(text) : undefined),
    admits: (value) => isBytes(value, 8),
    format: (value) => toHex(value as Uint8Array).toUpperCase(),
  },
  version: {
    parse: (text) => (/^\d{3}$/.test(text) ? Number(text) : undefined),
    admits: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 999,
    format: (value) => String(value).padStart(3, '0'),
  },
  digest: {
    parse: (text) => (/^[0-9a-f]{64}$/.test(text) ? fromHex(text) : undefined),
    admits: (value) => isBytes(value, 32),
    format: (value) => toHex(value as Uint8Array),
  },
  'at-least': { parse: () => undefined, admits: (value) => value === true, format: String },
  spare: never,
};

/** The value of a text a person or file gave, or undefined when the slot does not admit it. */
export function parseSlotText(slot: Slot, text: string): SlotValue | undefined {
  const value = KINDS[slot.kind].parse(text, slot);
  return value !== undefined && isSlotValue(slot, value) ? value : undefined;
}

/** Tells whether a decoded value may stand in the slot; null may in every one. */
export function isSlotValue(slot: Slot, value: CborValue | undefined): value is SlotValue {
  if (value === null) return true;
  if (value === undefined || (typeof value === 'object' && !(value instanceof Uint8Array))) {
    return false;
  }
  return KINDS[slot.kind].admits(value, slot);
}

/** A value as people read it; an absent one is the empty text. */
export function formatSlotValue(slot: Slot, value: SlotValue): string {
  return value === null ? '' : KINDS[slot.kind].format(value, slot);
}

/** The label of a code, where the slot has one for it. */
export function slotValueLabel(slot: Slot, value: SlotValue): Label | undefined {
  return typeof value === 'string' || typeof value === 'number'
    ? slot.values?.get(value)
    : undefined;
}

/** A file may write the code, with leading zeros where it is a number, or its Chinese label. */
function isCodeText(text: string, key: string | number, label: Label): boolean {
  if (text === String(key) || text === label.zh) return true;
  return typeof key === 'number' && /^\d{1,5}$/.test(text) && Number(text) === key;
}

/** Distinct codes of the slot written one after another, as `A1A2D` on a driving licence. */
function isJoinedCodes(text: string, slot: Slot): boolean {
  const left = new Set([...(slot.values?.keys() ?? [])].map(String));
  let rest = text;
  while (rest.length > 0) {
    const next = [...left]
      .filter((code) => rest.startsWith(code))
      .sort((a, b) => b.length - a.length)[0];
    if (next === undefined) return false;
    left.delete(next);
    rest = rest.slice(next.length);
  }
  return text.length > 0;
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined; // refused by the identifier's own parser
  }
}

function bytesOf(value: number, width: number): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * width, '0'));
}

function uintOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
