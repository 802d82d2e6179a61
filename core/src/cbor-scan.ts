// SPDX-License-Identifier: Apache-2.0
// One pass over CBOR bytes before anything is allocated: limits, depth, shortest heads, allowed types, one item.
// An attacker chooses every byte here; the scan never recurses.
import { CodedError } from './errors.ts';
import { fromUtf8 } from './bytes.ts';

/** Limits of one decoding; sizes in bytes, `maxItems` per array or map (a map's pair is one item). */
export interface CborLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxItems: number;
  readonly maxStringBytes: number;
}

interface Head {
  readonly major: number;
  readonly info: number;
  readonly value: number;
  readonly next: number;
}

/** Scans exactly one item. `own` bytes (just encoded) skip the UTF-8 check. @throws CBOR_* */
export function scanCbor(bytes: Uint8Array, limits: CborLimits, own: boolean): void {
  if (bytes.length > limits.maxBytes) throw tooLarge('the whole');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const open: number[] = [1];
  let offset = 0;
  while (open.length > 0) {
    const left = open.length - 1;
    const remaining = open[left] ?? 0;
    if (remaining === 0) {
      open.pop();
      continue;
    }
    open[left] = remaining - 1;
    const head = readHead(view, offset);
    offset = head.next + scanContent(bytes, head, limits, own);
    const children = countChildren(head, limits);
    if (children >= 0) {
      if (open.length > limits.maxDepth) throw new CodedError('CBOR_TOO_DEEP', 'nested too deep');
      open.push(children);
    }
  }
  if (offset !== bytes.length) throw new CodedError('CBOR_TRAILING', 'bytes follow the item');
}

function readHead(view: DataView, offset: number): Head {
  if (offset >= view.byteLength) throw malformed();
  const first = view.getUint8(offset);
  const major = first >> 5;
  const info = first & 31;
  if (major === 7) return readSimple(info, offset);
  if (major === 6) throw new CodedError('CBOR_TYPE', 'a tag is not allowed here');
  if (info < 24) return { major, info, value: info, next: offset + 1 };
  if (info > 27) throw malformed();
  const width = 1 << (info - 24);
  if (offset + 1 + width > view.byteLength) throw malformed();
  const value = readUint(view, offset + 1, width);
  const least = [24, 0x100, 0x1_0000, 0x1_0000_0000][info - 24] ?? 0;
  if (value < least) throw new CodedError('CBOR_NOT_CANONICAL', 'a longer form than needed');
  return { major, info, value, next: offset + 1 + width };
}

function readUint(view: DataView, offset: number, width: number): number {
  if (width === 1) return view.getUint8(offset);
  if (width === 2) return view.getUint16(offset);
  if (width === 4) return view.getUint32(offset);
  return Number(view.getBigUint64(offset));
}

function readSimple(info: number, offset: number): Head {
  if (info >= 28) throw malformed();
  if (info < 20 || info > 22) throw new CodedError('CBOR_TYPE', 'a float or simple value');
  return { major: 7, info, value: info, next: offset + 1 };
}

function scanContent(bytes: Uint8Array, head: Head, limits: CborLimits, own: boolean): number {
  if (head.major !== 2 && head.major !== 3) return 0;
  if (head.value > limits.maxStringBytes) throw tooLarge('a string');
  if (head.next + head.value > bytes.length) throw malformed();
  if (head.major === 3 && !own) fromUtf8(bytes.subarray(head.next, head.next + head.value));
  return head.value;
}

/** Number of items inside, or −1 for an item without any. */
function countChildren(head: Head, limits: CborLimits): number {
  if (head.major !== 4 && head.major !== 5) return -1;
  if (head.value > limits.maxItems) throw tooLarge('an array or map');
  return head.major === 5 ? head.value * 2 : head.value;
}

function malformed(): CodedError {
  return new CodedError('CBOR_MALFORMED', 'the bytes end early or use a reserved form');
}

function tooLarge(what: string): CodedError {
  return new CodedError('CBOR_TOO_LARGE', `${what} is over its limit`);
}
