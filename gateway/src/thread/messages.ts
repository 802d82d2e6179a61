// SPDX-License-Identifier: Apache-2.0
// What the gateway's two threads say to each other. Many small byte strings go as one: each would take its whole buffer
// along otherwise.
import { concat } from '@zhenglian/core/bytes';
import type { FitOrder, FittedRows } from '../imports/fit-rows.ts';
import type { PayloadOrder } from './work.ts';

/** Byte strings one after the other, and where each ends. */
export interface Joined {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** What is asked; a key is named by whoever gives it. */
export type Task =
  | ({ readonly verb: 'fit' } & FitOrder)
  | ({ readonly verb: 'payloads' } & PayloadOrder)
  | { readonly verb: 'open'; readonly key: number; readonly secretKey: Uint8Array }
  | { readonly verb: 'sign'; readonly key: number; readonly messages: Joined }
  | { readonly verb: 'close'; readonly key: number };

/** What comes of each. */
export interface Outcomes {
  readonly fit: FittedRows;
  readonly payloads: Joined;
  readonly open: null;
  readonly sign: Joined;
  readonly close: null;
}

/** A task with the number that its answer has. */
export interface Asked {
  readonly id: number;
  readonly task: Task;
}

/** An outcome, or the code of an error: the rest of it is found out where the task is done again. */
export type Answered = { readonly id: number } & (
  { readonly outcome: Outcomes[keyof Outcomes] } | { readonly failed: string }
);

/** Joins byte strings. */
export function join(strings: readonly Uint8Array[]): Joined {
  const ends = new Uint32Array(strings.length);
  let end = 0;
  for (const [i, { length }] of strings.entries()) ends[i] = end += length;
  return { bytes: concat(...strings), ends };
}

/** The strings that were joined, as views. */
export function split({ bytes, ends }: Joined): readonly Uint8Array[] {
  return Array.from(ends, (end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}
