// SPDX-License-Identifier: Apache-2.0
// A root over part of a gateway's trace, chained to its predecessor (docs/ledger.md §4).
import { sm3 } from '@zhenglian/guomi';
import { concat, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import type { CborValue } from '../cbor.ts';
import { integer, record } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import { hash, instance, ordinal, stamp } from './fields.ts';

const position = integer(0, Number.MAX_SAFE_INTEGER);

export const traceContent = {
  instance,
  n: ordinal,
  first: position,
  count: integer(1, 0xffff_ffff),
  root: hash,
  previous: hash,
};
const traceRoot = record({ ...traceContent, chain: hash, ...stamp });

/** Record `trace/<instance>/<n>`. */
export type TraceRoot = Shaped<typeof traceRoot>;
/** What a trace root covers, and what it follows. */
export type TraceContent = Omit<TraceRoot, 'chain' | 'rev' | 'at'>;

/** @throws SHAPE_INVALID */
export function parseTraceRoot(value: CborValue): TraceRoot {
  return traceRoot(value, 'trace root');
}

/** The chain after a trace root. */
export function traceChain(t: TraceContent): Uint8Array {
  const content = encodeCbor([t.instance, t.n, t.first, t.count, t.root]);
  return sm3.hash(concat(utf8('ZL/trace/1'), t.previous, content));
}
