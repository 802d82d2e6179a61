// SPDX-License-Identifier: Apache-2.0
// One malformed twin for each rule of docs/credential-format.md: the code a parser answers, or the reason a verifier gives.
import { encodeBase45 } from '@zhenglian/core/base45';
import { fromHex, toHex } from '@zhenglian/core/bytes';
import { encodeWire, formatWire } from '@zhenglian/core/wire';
import type { Wire } from '@zhenglian/core/wire';

/** A code that must be refused: `stage` says by which step, `code` with what. */
export interface BadVector {
  readonly rule: string;
  readonly stage: 'parse' | 'open' | 'verify';
  readonly code: string;
  readonly text: string;
}

/** All twins of a printed wire (roadside set of the sample) and of the same by phone. */
export function malformedTwins(printed: Wire, phone: Wire): readonly BadVector[] {
  return [
    ...textTwins(formatWire(printed)),
    ...byteTwins(toHex(encodeWire(printed))),
    ...shapeTwins(printed, phone),
    ...openTwins(printed),
    ...verifyTwins(printed, phone),
  ];
}

function textTwins(text: string): readonly BadVector[] {
  const bad = (rule: string, code: string, twin: string): BadVector => ({
    rule,
    stage: 'parse',
    code,
    text: twin,
  });
  return [
    bad('another scheme', 'QR_PREFIX', text.replace('ZL1:', 'HC1:')),
    bad('a prefix in lower case', 'QR_PREFIX', text.replace('ZL1:', 'zl1:')),
    bad('2,401 characters', 'QR_TOO_LONG', text.padEnd(2401, '0')),
    bad('a character outside the alphabet', 'QR_BASE45', text.replace(/.$/, 'a')),
    bad('a group over 65,535', 'QR_BASE45', `${text.slice(0, 4)}:::${text.slice(7)}`),
    bad('a lone last character', 'QR_BASE45', `${text.slice(0, 4)}${text.slice(4, 5)}`),
  ];
}

function byteTwins(hex: string): readonly BadVector[] {
  const bad = (rule: string, code: string, twin: string): BadVector => ({
    rule,
    stage: 'parse',
    code,
    text: `ZL1:${encodeBase45(fromHex(twin))}`,
  });
  const tail = hex.slice(2);
  return [
    bad('a byte after the array', 'CBOR_TRAILING', `${hex}00`),
    bad('the last byte is missing', 'CBOR_MALFORMED', hex.slice(0, -2)),
    bad('nothing at all', 'CBOR_MALFORMED', ''),
    bad('an array of indefinite length', 'CBOR_MALFORMED', `9f${tail}ff`),
    bad('a reserved length', 'CBOR_MALFORMED', `9c${tail}`),
    bad(
      'a type number in two bytes',
      'CBOR_NOT_CANONICAL',
      `${hex.slice(0, 2)}1803${hex.slice(4)}`,
    ),
    bad('an array head in two bytes', 'CBOR_NOT_CANONICAL', `980a${tail}`),
    bad('keys that are not sorted', 'CBOR_NOT_CANONICAL', `8b${tail}a202000100`),
    bad('a key twice', 'CBOR_NOT_CANONICAL', `8b${tail}a201000100`),
    bad('a float', 'CBOR_TYPE', `8af93c00${hex.slice(4)}`),
    bad('undefined', 'CBOR_TYPE', `8af7${hex.slice(4)}`),
    bad('a tag', 'CBOR_TYPE', `d2${hex}`),
    bad('text that is not UTF-8', 'CBOR_UTF8', `8b${tail}a10162ffff`),
    bad('nested 1,000 deep', 'CBOR_TOO_DEEP', '81'.repeat(1000)),
    bad('an array of 41', 'CBOR_TOO_LARGE', `9829${'00'.repeat(41)}`),
    bad('an array said to have 2^32 − 1 items', 'CBOR_TOO_LARGE', '9affffffff'),
    bad('a string of 1,025 bytes', 'CBOR_TOO_LARGE', `81590401${'00'.repeat(1025)}`),
  ];
}

function shapeTwins(printed: Wire, phone: Wire): readonly BadVector[] {
  const bytesOf = (wire: Wire) => toHex(encodeWire(wire));
  const bad = (rule: string, twin: string): BadVector => ({
    rule,
    stage: 'parse',
    code: 'WIRE_SHAPE',
    text: `ZL1:${encodeBase45(fromHex(twin))}`,
  });
  const hex = bytesOf(printed);
  const phoneHex = bytesOf(phone);
  return [
    bad('a map in place of the array', 'a0'),
    bad('nine parts', '89000000000000000000'),
    bad('a signature of 71 bytes', `8a03015847${hex.slice(10, 10 + 142)}${hex.slice(10 + 144)}`),
    bad('an index of 65,536', hex.replace('1903e8', '1a00010000')),
    bad('type number 0', `8a00${hex.slice(4)}`),
    bad('an empty map of extensions', `8b${hex.slice(2)}a0`),
    bad('a part after the last', `8c${hex.slice(2)}a1010000`),
    bad('a holder of 34 bytes', `8b${hex.slice(2)}5822${'02'.repeat(34)}`),
    bad('a proof without its time', `8b${phoneHex.slice(2, -10)}`),
    bad('a value that is an array', `${hex.slice(0, -2)}80`),
  ];
}

function openTwins(wire: Wire): readonly BadVector[] {
  const bad = (rule: string, code: string, change: Partial<Wire>): BadVector => ({
    rule,
    stage: 'open',
    code,
    text: formatWire({ ...wire, ...change }),
  });
  const [name = '', ...rest] = wire.values;
  return [
    bad('no slot open', 'WIRE_MASK', { mask: 0 }),
    bad('a slot beyond the tree', 'WIRE_MASK', { mask: wire.mask + 2 ** 15 }),
    bad('a proof one byte short', 'WIRE_PROOF', { proof: wire.proof.slice(0, -1) }),
    bad('a proof with a spare hash', 'WIRE_PROOF', {
      proof: Uint8Array.from([...wire.proof, ...new Uint8Array(32)]),
    }),
    bad('a value too few', 'WIRE_VALUE', { values: rest }),
    bad('a name that is a number', 'WIRE_VALUE', { values: [7, ...rest] }),
    bad('a name with a line break', 'WIRE_VALUE', { values: ['张\n三', ...rest] }),
    bad('a name with a right-to-left override', 'WIRE_VALUE', { values: ['张\u202e三', ...rest] }),
    bad('an unknown sex', 'WIRE_VALUE', { values: [name, 7, ...rest.slice(1)] }),
    bad('an unknown class', 'WIRE_VALUE', {
      values: wire.values.map((value) => (value === 'C1' ? 'Z9' : value)),
    }),
  ];
}

function verifyTwins(printed: Wire, phone: Wire): readonly BadVector[] {
  const bad = (rule: string, code: string, wire: Wire): BadVector => ({
    rule,
    stage: 'verify',
    code,
    text: formatWire(wire),
  });
  const order = fromHex('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');
  const signed = (part: Uint8Array, at: number) => {
    const signature = Uint8Array.from(printed.signature);
    signature.set(part, at);
    return signature;
  };
  const [, ...rest] = printed.values;
  const key = phone.holder?.key ?? new Uint8Array(33);
  const proof = phone.holder?.proof;
  return [
    bad('another name', 'SIGNATURE_INVALID', { ...printed, values: ['张三', ...rest] }),
    bad('another last day', 'SIGNATURE_INVALID', { ...printed, lastDay: printed.lastDay + 1 }),
    bad('another index', 'SIGNATURE_INVALID', { ...printed, index: printed.index + 1 }),
    bad('r = 0', 'SIGNATURE_INVALID', { ...printed, signature: signed(new Uint8Array(32), 0) }),
    bad('r = n', 'SIGNATURE_INVALID', { ...printed, signature: signed(order, 0) }),
    bad('s = 0', 'SIGNATURE_INVALID', { ...printed, signature: signed(new Uint8Array(32), 32) }),
    bad('s = n', 'SIGNATURE_INVALID', { ...printed, signature: signed(order, 32) }),
    bad('an unknown key', 'KEY_UNKNOWN', { ...printed, kid: new Uint8Array(8) }),
    bad('a type nobody voted for', 'TYPE_UNKNOWN', { ...printed, typeNumber: 99 }),
    bad('a critical extension', 'EXTENSION_UNKNOWN', {
      ...printed,
      extensions: new Map([[1, true]]),
    }),
    bad('a document that claims a holder', 'SIGNATURE_INVALID', { ...printed, holder: { key } }),
    bad('a device copy without its holder', 'SIGNATURE_INVALID', withoutHolder(phone)),
    bad('a device copy without a proof', 'HOLDER_PROOF_MISSING', { ...phone, holder: { key } }),
    ...(proof === undefined
      ? []
      : [
          bad('a proof of another time', 'HOLDER_PROOF_INVALID', {
            ...phone,
            holder: { key, proof: { ...proof, at: proof.at + 1 } },
          }),
          bad('a holder key off the curve', 'SIGNATURE_INVALID', {
            ...phone,
            holder: { key: Uint8Array.from([2, ...new Uint8Array(32).fill(0xff)]), proof },
          }),
        ]),
  ];
}

function withoutHolder({ holder: _, ...rest }: Wire): Wire {
  return rest;
}
