// SPDX-License-Identifier: Apache-2.0
// Finds any of very many byte strings in stored bytes: as they lie, and in whatever hex or base64 they are wrapped.

/** Something to look for, and what to call it when it is found. */
export interface Needle {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Labels found so far, with the places they were found in. */
export type Findings = ReadonlyMap<string, ReadonlySet<string>>;

export interface ByteFinder {
  look(place: string, bytes: Uint8Array): void;
  readonly found: Findings;
}

/** Shorter ones turn up in random bytes by chance. */
export const LEAST_BYTES = 6;

const HEX = /[0-9A-Fa-f]{12,}/g;
const BASE64 = /[A-Za-z0-9+/_-]{8,}/g;
const FILTER_BITS = 24;

/** A finder of all these needles, each of at least six bytes. */
export function createFinder(needles: Iterable<Needle>): ByteFinder {
  const byHead = new Map<number, Needle[]>();
  const filter = new Uint8Array(1 << FILTER_BITS);
  for (const needle of needles) {
    if (needle.bytes.length < LEAST_BYTES) throw new RangeError(`${needle.label} is too short`);
    const head = headOf(needle.bytes, 0);
    const list = byHead.get(head);
    if (list === undefined) byHead.set(head, [needle]);
    else list.push(needle);
    filter[mixed(head)] = 1;
  }
  const found = new Map<string, Set<string>>();
  const note = (label: string, place: string) => {
    found.set(label, (found.get(label) ?? new Set()).add(place));
  };
  const scan = (place: string, bytes: Uint8Array) => {
    let head = headOf(bytes, 0);
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (filter[mixed(head)] === 1) {
        for (const { label, bytes: wanted } of byHead.get(head) ?? []) {
          if (liesAt(bytes, at, wanted)) note(label, place);
        }
      }
      head = ((head << 8) | (bytes[at + 4] ?? 0)) >>> 0;
    }
  };
  return {
    found,
    look(place, bytes) {
      for (const view of viewsOf(bytes)) scan(place, view);
    },
  };
}

/** The bytes, and what each run of hex or base64 digits in them stands for, wherever it began. */
function* viewsOf(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  for (const [run] of text.matchAll(HEX)) {
    for (const shift of [0, 1]) yield Buffer.from(run.slice(shift), 'hex');
  }
  for (const [run] of text.matchAll(BASE64)) {
    for (const shift of [0, 1, 2, 3]) yield Buffer.from(run.slice(shift), 'base64');
  }
}

function headOf(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function mixed(head: number): number {
  return Math.imul(head, 0x9e3779b1) >>> (32 - FILTER_BITS);
}

function liesAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
