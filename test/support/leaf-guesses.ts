// SPDX-License-Identifier: Apache-2.0
// Hashes that somebody can compute who knows every field, place and signature of a licence, but no seed: if one of them
// is stored, a field can be guessed from it (docs/ledger.md: nothing personal, nothing guessable).
import { createHash } from 'node:crypto';
import { sm3 } from '@zhenglian/guomi';
import { anchorArgument } from '@zhenglian/core/anchor';
import { concat, uintBytes, utf8 } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { fieldRoot } from '@zhenglian/core/field-tree';
import { encodeCoseSign1, encodePayload } from '@zhenglian/core/payload';
import { commitment } from '@zhenglian/core/records/status';
import type { SlotTree } from '@zhenglian/core/types/definition';
import type { SlotValue } from '@zhenglian/core/types/slot-value';
import type { Needle } from './byte-finder.ts';
import type { KnownLicence } from './known-licence.ts';

type Named = readonly [name: string, bytes: Uint8Array];

const HASHES: readonly (readonly [string, (message: Uint8Array) => Uint8Array])[] = [
  ['SM3', (message) => sm3.hash(message)],
  ['SHA-256', (message) => createHash('sha256').update(message).digest()],
];
const TAGS: readonly Named[] = [
  ['', new Uint8Array(0)],
  ['00', Uint8Array.of(0x00)],
  ['10', Uint8Array.of(0x10)],
];
const ZEROS: Named = ['zeros', new Uint8Array(16)];

/** Guesses of one licence; `name` tells its copy from others. */
export function guessesOf(licence: KnownLicence, name: string): Needle[] {
  const { fields, wire } = licence;
  const place = placeOf(wire);
  const salts = place.map(([salt, bytes]): Named => [`${salt} of ${name}`, bytes]);
  const leaves = fields.flatMap(({ text, value }) => [
    ...valueGuesses(text, value, ['', new Uint8Array(0)]),
    ...[ZEROS, ...salts].flatMap((salt) => valueGuesses(text, value, salt)),
  ]);
  return [...leaves, ...anchorGuesses(licence, name)];
}

/** A text nobody may guess, without anything that only its issuer knows. */
export function textGuesses(text: string): Needle[] {
  return [['', new Uint8Array(0)] as const, ZEROS].flatMap((salt) =>
    valueGuesses(text, text, salt),
  );
}

/** Commitments to a reason and basis with a salt that is none. */
export function reasonGuesses(reason: string, basis: string, wire: KnownLicence['wire']): Needle[] {
  const salts = [ZEROS, ...placeOf(wire)].filter(([, bytes]) => bytes.length >= 16);
  return [
    ...textGuesses(reason),
    ...textGuesses(basis),
    ...valueGuesses(`${reason}, ${basis}`, [reason, basis], ['', new Uint8Array(0)]),
    ...salts.map(([salt, bytes]) => ({
      label: `commitment to ${reason} with ${salt}`,
      bytes: commitment(bytes.slice(0, 16), reason, basis),
    })),
  ];
}

/** What the code of a copy shows to everybody who sees it. */
function placeOf({ signature, kid, epoch, index }: KnownLicence['wire']): readonly Named[] {
  const [e, i] = [uintBytes(epoch, 4), uintBytes(index, 2)];
  return [
    ['signature', signature],
    ['half signature', signature.slice(0, 16)],
    ['kid', kid],
    ['kid, epoch, index', concat(kid, e, i)],
    ['kid, index', concat(kid, i)],
    ['epoch, index', concat(e, i)],
    ['index', i],
  ];
}

function valueGuesses(
  text: string,
  value: SlotValue | readonly string[],
  [salt, bytes]: Named,
): Needle[] {
  const forms: readonly Named[] = [
    ['text', utf8(text)],
    ['CBOR text', encodeCbor(text)],
    ['CBOR', encodeCbor(value)],
  ];
  return forms.flatMap(([form, content]) =>
    TAGS.flatMap(([tag, prefix]) => {
      const messages: readonly Named[] =
        bytes.length === 0
          ? [[`${tag}‖${form}`, concat(prefix, content)]]
          : [
              [`${tag}‖${salt}‖${form}`, concat(prefix, bytes, content)],
              [`${tag}‖${form}‖${salt}`, concat(prefix, content, bytes)],
            ];
      return messages.flatMap(([what, message]) =>
        HASHES.map(([hash, digest]) => ({
          label: `${text}: ${hash}(${what})`,
          bytes: digest(message),
        })),
      );
    }),
  );
}

/** What would be anchored if the field tree had no salts, or a seed that can be guessed. */
function anchorGuesses({ type, values, wire }: KnownLicence, name: string): Needle[] {
  const seeds: readonly Named[] = [
    ZEROS,
    ['ones', new Uint8Array(16).fill(0xff)],
    ['half signature', wire.signature.slice(0, 16)],
    ['other half', wire.signature.slice(32, 48)],
    ['hash of the place', sm3.hash(encodeCbor([wire.kid, wire.epoch, wire.index])).slice(0, 16)],
  ];
  const { tree } = type;
  const roots: readonly Named[] = [
    ['no salts', unsaltedRoot(tree, [...values])],
    ...seeds.map(([seed, bytes]): Named => [
      `seed ${seed}`,
      fieldRoot({ tree, values, seed: bytes, position: wire }),
    ]),
  ];
  return roots.flatMap(([how, root]) => {
    const payload = encodePayload({
      ...wire,
      holderKey: wire.holder?.key ?? null,
      fieldRoot: root,
    });
    const argument = anchorArgument(encodeCoseSign1(wire.kid, payload, wire.signature));
    const leaf = sm3.hash(concat(Uint8Array.of(0x10), argument));
    return [
      { label: `field root of ${name}, ${how}`, bytes: root },
      { label: `argument of ${name}, ${how}`, bytes: argument },
      { label: `anchor leaf of ${name}, ${how}`, bytes: leaf },
    ];
  });
}

/** Takes the values off the list in tree order. */
function unsaltedRoot(tree: SlotTree, values: SlotValue[]): Uint8Array {
  if (typeof tree === 'string') {
    return sm3.hash(concat(Uint8Array.of(0x00), encodeCbor(values.shift() ?? null)));
  }
  const left = unsaltedRoot(tree[0], values);
  return sm3.hash(concat(Uint8Array.of(0x01), left, unsaltedRoot(tree[1], values)));
}
