// SPDX-License-Identifier: Apache-2.0
// What a gateway and a signer process say to each other, as CBOR (docs/signer.md §5): a request is an array of a number,
// a verb and its operands; an answer has the number again, then a result or an error.
import { concat } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import { CodedError } from '@zhenglian/core/errors';
import { kid, publicKey, time, uscc } from '@zhenglian/core/records/fields';
import { anything, asCbor, bytes, integer, list, oneOf, text } from '@zhenglian/core/shape';
import type { Shape } from '@zhenglian/core/shape';
import { PURPOSES } from '@zhenglian/core/signing';
import type { Purpose } from '@zhenglian/core/signing';
import { gatewayError } from '../problem-codes.ts';
import { MAX_FRAME } from './frames.ts';
import type { KeyInfo } from './key-store.ts';
import { limitDetail, LIMIT_REASONS } from './refuse.ts';

/** Of what both sides speak; another one is refused. */
export const PROTOCOL = 1;
/** Most payloads of one request, and bytes of one payload. */
export const MAX_CONTENTS = 1024;
export const MAX_PAYLOAD = 4096;

const LIMITS = {
  maxBytes: MAX_FRAME,
  maxDepth: 4,
  maxItems: MAX_CONTENTS,
  maxStringBytes: 64 * MAX_CONTENTS,
} as const;
const number = integer(0, 0xffff_ffff);
const keyList = list(list(anything, 5), MAX_CONTENTS);

/** What a gateway asks. */
export type SignerRequest =
  | { readonly verb: 'open'; readonly protocol: number }
  | { readonly verb: 'ping' }
  | { readonly verb: 'list'; readonly session: number }
  | { readonly verb: 'generate'; readonly session: number; readonly authority: string }
  | {
      readonly verb: 'sign';
      readonly session: number;
      readonly handle: number;
      readonly purpose: Purpose;
      readonly networkId: Uint8Array;
      readonly payloads: readonly Uint8Array[];
    }
  | { readonly verb: 'close'; readonly session: number };

type Operands = readonly (CborValue | undefined)[];

/** The operands of each verb, in their order. */
const OPERANDS = {
  open: ['protocol'],
  ping: [],
  list: ['session'],
  generate: ['session', 'authority'],
  sign: ['session', 'handle', 'purpose', 'networkId', 'payloads'],
  close: ['session'],
} as const satisfies Record<SignerRequest['verb'], readonly string[]>;
const SHAPES: Readonly<Record<string, Shape<unknown>>> = {
  protocol: number,
  session: number,
  handle: number,
  authority: text(18),
  purpose: oneOf(...PURPOSES),
  networkId: bytes(32),
  payloads: list(bytes(undefined, MAX_PAYLOAD), MAX_CONTENTS),
};
const verbs = oneOf('open', 'ping', 'list', 'generate', 'sign', 'close');

/** A request: `[id, verb, operands…]`. */
export function encodeRequest(id: number, request: SignerRequest): Uint8Array {
  const values: Readonly<Record<string, unknown>> = request;
  const operands = OPERANDS[request.verb].map((name) => asCbor(values[name]));
  return encodeCbor([id, request.verb, ...operands]);
}

/** @throws SHAPE_INVALID, CBOR_* */
export function decodeRequest(message: Uint8Array): {
  readonly id: number;
  readonly request: SignerRequest;
} {
  const [id, word, ...values] = list(anything, 8)(decodeCbor(message, LIMITS), 'request');
  const verb = verbs(word, 'verb');
  const names = OPERANDS[verb];
  if (values.length !== names.length) {
    throw new CodedError('SHAPE_INVALID', `${verb} has ${String(names.length)} operands`);
  }
  const operands = names.map((name, i) => [name, SHAPES[name]?.(values[i], name)] as const);
  const request = { verb, ...Object.fromEntries(operands) } as SignerRequest;
  return { id: number(id, 'number'), request };
}

/** An answer: `[id, 0, result]`. */
export function encodeResult(id: number, result: CborInput): Uint8Array {
  return encodeCbor([id, 0, result]);
}

/** An answer: `[id, 1, code, reason, permit, words]`; reason and permit of a refusal, else null. */
export function encodeFailure(id: number, error: CodedError<string>): Uint8Array {
  const words = error.message.slice(error.code.length + 2, 400);
  const isLimit = error.code === 'SIGNER_LIMIT';
  const { reason, permit } = isLimit ? limitDetail(error) : { reason: null, permit: null };
  return encodeCbor([id, 1, error.code, reason, permit ?? null, words]);
}

/** What came back: a result, or an error to throw. @throws SHAPE_INVALID, CBOR_* */
export function decodeAnswer(message: Uint8Array): {
  readonly id: number;
  readonly result: CborValue | CodedError<string>;
} {
  const [id, kind, ...rest] = list(anything, 6)(decodeCbor(message, LIMITS), 'answer');
  const isResult = kind === 0 && rest.length === 1;
  if (!isResult && (kind !== 1 || rest.length !== 4)) {
    throw new CodedError('SHAPE_INVALID', 'an answer is a result or an error');
  }
  return { id: number(id, 'number'), result: isResult ? (rest[0] ?? null) : failure(rest) };
}

/** Codes that a signer answers with. Another word is not believed to be a code of ours. */
const CODES = [
  'SIGNER_LIMIT',
  'SIGNER_KEY_UNKNOWN',
  'SIGNER_UNAVAILABLE',
  'SIGNER_KEYS',
  'STORAGE_FULL',
] as const;

function failure([code, reason, permit, words]: Operands): CodedError<string> {
  const known = CODES.find((each) => each === code) ?? 'SIGNER_UNAVAILABLE';
  const message = text(400)(words, 'words');
  if (known !== 'SIGNER_LIMIT') return gatewayError(known, message);
  const detail = {
    reason: oneOf(...LIMIT_REASONS)(reason, 'reason'),
    ...(permit === null ? {} : { permit: text(32)(permit, 'permit') }),
  };
  return gatewayError(known, message, { detail });
}

/** Keys as `list` and `generate` answer them. */
export function encodeKeys(keys: readonly KeyInfo[]): CborInput {
  return keys.map((key) => [key.handle, key.authority, key.publicKey, key.kid, key.createdAt]);
}

/** @throws SHAPE_INVALID */
export function decodeKeys(value: CborValue): readonly KeyInfo[] {
  return keyList(value, 'keys').map((parts) => ({
    handle: number(parts[0], 'handle'),
    authority: uscc(parts[1], 'authority'),
    publicKey: publicKey(parts[2], 'public key'),
    kid: kid(parts[3], 'kid'),
    createdAt: time(parts[4], 'time'),
  }));
}

/** Signatures travel as one string of 64 bytes each. */
export function encodeSignatures(signatures: readonly Uint8Array[]): CborInput {
  return concat(...signatures);
}

/** @throws SHAPE_INVALID */
export function decodeSignatures(value: CborValue, count: number): readonly Uint8Array[] {
  const joined = bytes(64 * count)(value, 'signatures');
  return Array.from({ length: count }, (_, i) => joined.slice(64 * i, 64 * i + 64));
}
