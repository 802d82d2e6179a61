// SPDX-License-Identifier: Apache-2.0
// What a QR code holds (docs/credential-format.md §4): a private, compact array from which the signed object is rebuilt.
import { decodeBase45, encodeBase45 } from './base45.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import type { CborInput, CborValue } from './cbor.ts';
import { CodedError, isCodedError } from './errors.ts';
import { payloadShapes } from './payload.ts';
import type { Extensions } from './payload.ts';
import { bytes, integer, list } from './shape.ts';
import type { Shape } from './shape.ts';

/** A holder key on the wire, with its proof and the time of it where there is one. */
export interface WireHolder {
  readonly key: Uint8Array;
  readonly proof?: { readonly signature: Uint8Array; readonly at: number };
}

/** The parts of a wire, before the type is known; values are in tree order of the open slots. */
export interface Wire {
  readonly typeNumber: number;
  readonly typeVersion: number;
  readonly signature: Uint8Array;
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly index: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly mask: number;
  readonly proof: Uint8Array;
  readonly values: readonly CborValue[];
  readonly holder?: WireHolder;
  readonly extensions: Extensions;
}

const PREFIX = 'ZL1:';
const MAX_TEXT = 2400;
const LIMITS = { maxBytes: 1600, maxDepth: 4, maxItems: 40, maxStringBytes: 1024 } as const;
const FIXED_ITEMS = 10;
const wireBytes = bytes(undefined, 1024);

/** QR text of a wire. */
export function formatWire(wire: Wire): string {
  return PREFIX + encodeBase45(encodeWire(wire));
}

/**
 * Parses QR text, limits first.
 * @throws QR_PREFIX, QR_TOO_LONG, QR_BASE45, CBOR_*, WIRE_SHAPE
 */
export function parseWire(text: string): Wire {
  if (text.length > MAX_TEXT)
    throw new CodedError('QR_TOO_LONG', 'the text is over 2,400 characters');
  if (!text.startsWith(PREFIX)) {
    throw new CodedError('QR_PREFIX', 'this code is not a licence: it does not begin with ZL1:');
  }
  return decodeWire(decodeBase45(text.slice(PREFIX.length)));
}

/** Bytes of a wire. */
export function encodeWire(wire: Wire): Uint8Array {
  const items: CborInput[] = [
    wire.typeNumber,
    wire.typeVersion,
    Uint8Array.from([...wire.signature, ...wire.kid]),
    wire.epoch,
    wire.index,
    wire.firstDay,
    wire.lastDay,
    wire.mask,
    wire.proof,
    wire.values,
  ];
  if (wire.holder?.proof === undefined) {
    if (wire.holder !== undefined) items.push(wire.holder.key);
  } else {
    const { signature, at } = wire.holder.proof;
    items.push(Uint8Array.from([...wire.holder.key, ...signature]), at);
  }
  if (wire.extensions.size > 0) items.push(wire.extensions);
  return encodeCbor(items);
}

/** Parses wire bytes. @throws CBOR_*, WIRE_SHAPE */
export function decodeWire(encoded: Uint8Array): Wire {
  const items = decodeCbor(encoded, LIMITS);
  if (!Array.isArray(items) || items.length < FIXED_ITEMS)
    throw shapeError('not ten parts or more');
  const parts: readonly CborValue[] = items;
  try {
    return { ...readFixed(parts), ...readTail(parts.slice(FIXED_ITEMS)) };
  } catch (cause) {
    if (!isCodedError(cause, 'SHAPE_INVALID')) throw cause;
    throw new CodedError('WIRE_SHAPE', cause.message, { cause });
  }
}

/** The wire without its presentation proof: what the proof is over. */
export function withoutProof(wire: Wire): Wire {
  return wire.holder === undefined ? wire : { ...wire, holder: { key: wire.holder.key } };
}

function readFixed(parts: readonly CborValue[]): Omit<Wire, 'holder' | 'extensions'> {
  const signed = bytes(72)(parts[2], 'signature');
  return {
    typeNumber: payloadShapes.typeNumber(parts[0], 'type'),
    typeVersion: payloadShapes.typeVersion(parts[1], 'type version'),
    signature: signed.slice(0, 64),
    kid: signed.slice(64),
    epoch: payloadShapes.epoch(parts[3], 'epoch'),
    index: payloadShapes.index(parts[4], 'index'),
    firstDay: payloadShapes.day(parts[5], 'first day'),
    lastDay: payloadShapes.day(parts[6], 'last day'),
    mask: integer(0, 0xffff_ffff)(parts[7], 'mask'),
    proof: wireBytes(parts[8], 'proof'),
    values: list(scalar, 32)(parts[9], 'values'),
  };
}

/** Holder key, or key with proof and time; then extensions when there are any. Nothing else may follow. */
function readTail(tail: readonly CborValue[]): Pick<Wire, 'holder' | 'extensions'> {
  const rest = [...tail];
  const holder = rest[0] instanceof Uint8Array ? readHolder(rest) : undefined;
  const extensions =
    rest.length > 0 ? payloadShapes.extensions(rest.shift(), 'extensions') : undefined;
  if (rest.length > 0 || extensions?.size === 0) throw shapeError('parts after the last');
  return { extensions: extensions ?? new Map(), ...(holder === undefined ? {} : { holder }) };
}

function readHolder(rest: CborValue[]): WireHolder {
  const joined = wireBytes(rest.shift(), 'holder');
  const key = joined.slice(0, 33);
  if (joined.length === 33) return { key };
  if (joined.length !== 97) throw shapeError('holder must be 33 or 97 bytes');
  const at = integer(0, 0xffff_ffff)(rest.shift(), 'time');
  return { key, proof: { signature: joined.slice(33), at } };
}

const scalar: Shape<CborValue> = (value, path) => {
  if (value === undefined || Array.isArray(value) || value instanceof Map) {
    throw shapeError(`${path} must be one value`);
  }
  return value;
};

function shapeError(what: string): CodedError {
  return new CodedError('WIRE_SHAPE', `not the parts of a licence code: ${what}`);
}
