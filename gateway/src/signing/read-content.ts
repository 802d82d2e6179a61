// SPDX-License-Identifier: Apache-2.0
// What a content says that it is: a signer reads each payload before it signs it, and signs only what an authority signs
// (docs/signer.md §3). Holders' purposes are never an authority's.
import { equals } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { hash, kid, publicKey, typeCode, uscc } from '@zhenglian/core/records/fields';
import { anything, list } from '@zhenglian/core/shape';
import type { Purpose, SignedContent } from '@zhenglian/core/signing';
import { refuse } from './refuse.ts';
import type { KeyInfo } from './key-store.ts';

/** What limits look at. */
export interface ContentFacts {
  readonly purpose: Purpose;
  /** A licence names its type by number, a batch and a receipt by code; others name none. */
  readonly type?: number | string;
}

type Reader = (payload: Uint8Array, key: KeyInfo) => ContentFacts['type'];

const MAX_LICENCE = 512;
const LIMITS = { maxBytes: 4096, maxDepth: 4, maxItems: 64, maxStringBytes: 1024 } as const;

const READERS: Readonly<Partial<Record<Purpose, Reader>>> = {
  licence: readLicence,
  batch(payload, key) {
    const parts = itemsOf(payload, 8);
    requireOwn(uscc(parts[0], 'uscc') === key.authority);
    requireOwn(equals(kid(parts[7], 'kid'), key.kid));
    return typeCode(parts[6], 'type');
  },
  status(payload, key) {
    requireOwn(uscc(itemsOf(payload, 9)[0], 'uscc') === key.authority);
    return undefined;
  },
  possession(payload, key) {
    const parts = itemsOf(payload, 3);
    requireOwn(uscc(parts[1], 'uscc') === key.authority);
    requireOwn(equals(publicKey(parts[2], 'key'), key.publicKey));
    return undefined;
  },
  receipt: (payload) => typeCode(itemsOf(payload, 8)[3], 'type'),
  rule(payload) {
    hash(payload, 'rule');
    return undefined;
  },
};

/** Reads a content that the key is to sign. @throws SIGNER_LIMIT when it is nothing that this key signs */
export function readContent({ purpose, payload }: SignedContent, key: KeyInfo): ContentFacts {
  const read = READERS[purpose];
  if (read === undefined) throw refuse('purpose', `no authority signs for ${purpose}`);
  try {
    const type = read(payload, key);
    return type === undefined ? { purpose } : { purpose, type };
  } catch (cause) {
    if (!isCodedError<string>(cause) || cause.code === 'SIGNER_LIMIT') throw cause;
    throw refuse('content', `this is no ${purpose}`, { cause });
  }
}

/**
 * The type number of a copy's payload, which opens `8a 01` and the number (docs/credential-format.md §2). Thousands a
 * second pass here, so the rest is not parsed: a verifier takes this form only, and reads the same number in it.
 */
function readLicence(payload: Uint8Array): number {
  const [array, version, ...rest] = payload.subarray(0, 5);
  const isOurs = array === 0x8a && version === 1 && payload.length <= MAX_LICENCE;
  const number = isOurs ? readUnsigned(rest) : undefined;
  if (number === undefined) throw refuse('content', 'this is no payload of a licence');
  return number;
}

/** An unsigned integer of 16 bits in its shortest form (RFC 8949 §4.2.1). */
function readUnsigned([head = 0xff, high = 0, low = 0]: readonly number[]): number | undefined {
  if (head < 24) return head;
  if (head === 0x18 && high >= 24) return high;
  return head === 0x19 && high > 0 ? 256 * high + low : undefined;
}

function itemsOf(payload: Uint8Array, count: number) {
  const items = list(anything, count)(decodeCbor(payload, LIMITS), 'payload');
  if (items.length !== count) throw refuse('content', 'a payload of another form');
  return items;
}

function requireOwn(isOwn: boolean): void {
  if (!isOwn) throw refuse('authority', 'this is about another authority or key');
}
