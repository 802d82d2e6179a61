// SPDX-License-Identifier: Apache-2.0
// The signed payload of a copy and the COSE_Sign1 around it (docs/credential-format.md §2).
import { concat, equals } from './bytes.ts';
import { decodeCbor, decodeTagged18, encodeCbor } from './cbor.ts';
import type { CborValue } from './cbor.ts';
import { CodedError, isCodedError } from './errors.ts';
import { anything, bytes, dictionary, integer, nullable } from './shape.ts';
import type { Shape } from './shape.ts';
import { KID_BYTES, protectedHeader } from './signing.ts';

/** Critical extensions of a payload, by number. */
export type Extensions = ReadonlyMap<number, CborValue>;

/** What the authority signs of one copy. Days are Beijing days, the last one inclusive. */
export interface CopyPayload {
  readonly typeNumber: number;
  readonly typeVersion: number;
  readonly epoch: number;
  readonly index: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly holderKey: Uint8Array | null;
  readonly fieldRoot: Uint8Array;
  readonly extensions: Extensions;
}

/** Largest and smallest numbers of a payload, for every parser of it. */
export const payloadShapes = {
  typeNumber: integer(1, 65_535),
  typeVersion: integer(1, 999),
  epoch: integer(0, 0xffff_ffff),
  index: integer(0, 65_535),
  day: integer(-354_285, 2_932_896),
  holderKey: nullable(bytes(33)),
  extensions: dictionary(integer(0, 65_535), anything) as Shape<Extensions>,
} as const;

const FORMAT_VERSION = 1;
const COSE_LIMITS = { maxBytes: 512, maxDepth: 4, maxItems: 16, maxStringBytes: 256 } as const;

/** The payload's bytes. */
export function encodePayload(payload: CopyPayload): Uint8Array {
  return encodeCbor([
    FORMAT_VERSION,
    payload.typeNumber,
    payload.typeVersion,
    payload.epoch,
    payload.index,
    payload.firstDay,
    payload.lastDay,
    payload.holderKey,
    payload.fieldRoot,
    payload.extensions,
  ]);
}

/** The tagged COSE_Sign1 of a payload: what is anchored. */
export function encodeCoseSign1(
  kid: Uint8Array,
  payload: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const body = encodeCbor([protectedHeader(kid), new Map<number, never>(), payload, signature]);
  return concat(Uint8Array.of(0xd2), body);
}

/** Parses a COSE_Sign1 and its payload. @throws COSE_SHAPE, CBOR_* */
export function decodeCoseSign1(cose: Uint8Array): {
  readonly kid: Uint8Array;
  readonly payload: CopyPayload;
  readonly payloadBytes: Uint8Array;
  readonly signature: Uint8Array;
} {
  const parts = decodeTagged18(cose, COSE_LIMITS);
  if (!Array.isArray(parts) || parts.length !== 4) throw refused('not four parts');
  const [header, unprotected, payload, signature] = parts as readonly CborValue[];
  if (!(header instanceof Uint8Array) || !(payload instanceof Uint8Array)) throw refused('parts');
  if (!(unprotected instanceof Map) || unprotected.size > 0) throw refused('unprotected header');
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw refused('signature');
  const kid = kidOf(header);
  return { kid, payload: decodePayload(payload), payloadBytes: payload, signature };
}

function kidOf(header: Uint8Array): Uint8Array {
  const kid = header.slice(-KID_BYTES);
  if (kid.length === KID_BYTES && equals(header, protectedHeader(kid))) return kid;
  throw refused('protected header');
}

function decodePayload(payload: Uint8Array): CopyPayload {
  const items = decodeCbor(payload, COSE_LIMITS);
  if (!Array.isArray(items) || items.length !== 10 || items[0] !== FORMAT_VERSION) {
    throw refused('payload');
  }
  const parts: readonly CborValue[] = items;
  try {
    return {
      typeNumber: payloadShapes.typeNumber(parts[1], 'type'),
      typeVersion: payloadShapes.typeVersion(parts[2], 'type version'),
      epoch: payloadShapes.epoch(parts[3], 'epoch'),
      index: payloadShapes.index(parts[4], 'index'),
      firstDay: payloadShapes.day(parts[5], 'first day'),
      lastDay: payloadShapes.day(parts[6], 'last day'),
      holderKey: payloadShapes.holderKey(parts[7], 'holder key'),
      fieldRoot: bytes(32)(parts[8], 'field root'),
      extensions: payloadShapes.extensions(parts[9], 'extensions'),
    };
  } catch (cause) {
    if (!isCodedError(cause, 'SHAPE_INVALID')) throw cause;
    throw new CodedError('COSE_SHAPE', cause.message, { cause });
  }
}

function refused(what: string): CodedError {
  return new CodedError('COSE_SHAPE', `not a COSE_Sign1 of a licence: ${what}`);
}
