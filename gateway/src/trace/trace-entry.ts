// SPDX-License-Identifier: Apache-2.0
// One entry of the trace: deterministic CBOR, leaf of a Merkle tree (prefixes 20, 21). What an entry may say is a
// closed list of words, numbers and hashes, so that no field of a licence can get into it.
import { encodeCbor } from '@zhenglian/core/cbor';
import { toHex } from '@zhenglian/core/bytes';

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
  'vote',
  'rule',
  'denial',
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];
/** `done`, or the code of what went wrong, or a verdict. */
export type TraceOutcome = string;

const WORD = /^[a-z][a-z0-9-]{0,31}$/;
const CODE = /^[A-Z][A-Z0-9_-]{0,47}$/;
const HEX = /^[0-9a-f]{8,64}$/;
const COUNT = /^\d{1,15}$/;
const FLAG = /^(?:true|false)$/;

/** Which facts an entry may carry, and what each looks like. */
const DETAILS = {
  act: WORD,
  type: WORD,
  set: WORD,
  state: WORD,
  class: WORD,
  delivery: WORD,
  kind: WORD,
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

/** One entry, as it is stored, answered and proved. */
export interface TraceEntry {
  readonly n: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly subject: string | null;
  readonly outcome: string;
  readonly purpose: string | null;
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
