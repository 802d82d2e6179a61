// SPDX-License-Identifier: Apache-2.0
// One entry of the trace: deterministic CBOR, leaf of a Merkle tree (prefixes 20, 21). What an entry may say is a
// closed list of words, numbers and hashes, so that no field of a licence can get into it.
import { sm3 } from '@zhenglian/guomi';
import { concat, toHex } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import type { MerklePrefixes } from '@zhenglian/core/merkle';

export const TRACE_KINDS = [
  'issue',
  'import',
  'anchor',
  'claim-code',
  'claim',
  'renewal',
  'status',
  'reissue',
  'print',
  'look-up',
  'search',
  'evidence',
  'verification',
  'recognition',
  'trail',
  'key',
  'rule',
  'denial',
  'dissent',
  'erasure',
  'sign-in',
  'sign-out',
  'account',
  'token',
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];
/** `done`, a verdict, an outcome of recognition, or the code of what went wrong. */
export type TraceOutcome = string;
/** What keeps the hashes of a trace apart from all others. */
export const TRACE_PREFIXES: MerklePrefixes = { leaf: 0x20, node: 0x21 };

const WORD = /^[a-z][a-z0-9-]{0,31}$/;
const CODE = /^[A-Z][A-Z0-9_-]{0,47}$/;
const HEX = /^[0-9a-f]{8,64}$/;
const COUNT = /^\d{1,15}$/;
const FLAG = /^(?:true|false)$/;
/** As the OpenAPI document has it: with the names of what is in the path, never with the values. */
const OPERATION = /^[a-z]{3,6} \/[a-z0-9/:-]{1,80}$/;
const NAME = /^[A-Za-z0-9._:-]{1,64}$/;

/** Which facts an entry may carry, and what each looks like. */
const DETAILS = {
  act: WORD,
  operation: OPERATION,
  type: WORD,
  set: WORD,
  state: WORD,
  class: WORD,
  delivery: WORD,
  kind: WORD,
  how: WORD,
  change: WORD,
  holder: WORD,
  verdict: CODE,
  reason: CODE,
  from: CODE,
  to: CODE,
  kid: HEX,
  rule: HEX,
  request: HEX,
  receipt: HEX,
  job: HEX,
  licence: HEX,
  account: HEX,
  client: HEX,
  supersedes: HEX,
  transactionId: HEX,
  typeVersion: COUNT,
  version: COUNT,
  epoch: COUNT,
  index: COUNT,
  n: COUNT,
  count: COUNT,
  accepted: COUNT,
  rejected: COUNT,
  blockNumber: COUNT,
  unmasked: FLAG,
} as const satisfies Record<string, RegExp>;

export type TraceDetailKey = keyof typeof DETAILS;
export type TraceDetail = Readonly<Partial<Record<TraceDetailKey, string | number | boolean>>>;

/** One entry, as it is answered and proved. */
export interface TraceEntry {
  readonly n: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly subject: string | null;
  readonly outcome: string;
  readonly purpose: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

/** How a trace names a copy it does not know the licence of: hex kid, epoch, index. */
export function copyReference(copy: {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
}): string {
  return `${toHex(copy.kid)}-${String(copy.epoch)}-${String(copy.index)}`;
}

/** The bytes of an entry: what the leaf is over. */
export function encodeEntry(entry: TraceEntry): Uint8Array {
  const { n, at, kind, actor, subject, outcome, purpose, detail } = entry;
  return encodeCbor([n, at, kind, actor, subject, outcome, purpose, detail]);
}

/** Hash of an entry: its leaf. */
export function entryHash(encoded: Uint8Array): Uint8Array {
  return sm3.hash(concat(Uint8Array.of(TRACE_PREFIXES.leaf), encoded));
}

/**
 * Refuses what has no place in a trace: a fact of an unlisted name or form, an actor or outcome that is no word.
 * @throws TypeError, since only this program's own code can ask for it
 */
export function checkEntry(entry: TraceEntry): TraceEntry {
  for (const [key, value] of Object.entries(entry.detail)) {
    const known: Readonly<Record<string, RegExp>> = DETAILS;
    const pattern = Object.hasOwn(known, key) ? known[key] : undefined;
    if (pattern?.test(String(value)) !== true) throw new TypeError(`a trace has no such ${key}`);
  }
  const words = [entry.actor, entry.outcome, entry.subject ?? '-', entry.purpose];
  for (const word of words) checkWord(word);
  return entry;
}

/** Refuses what is no word. @throws TypeError, since only this program's own code can ask for it */
export function checkWord(word: string): string {
  if (!NAME.test(word)) throw new TypeError('a trace holds words only');
  return word;
}

/** A fact of an entry as it was stored. @throws SHAPE_INVALID */
export function fact(value: CborValue | undefined, path: string): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  throw new CodedError('SHAPE_INVALID', `${path} must be a word, a number or a flag`);
}
