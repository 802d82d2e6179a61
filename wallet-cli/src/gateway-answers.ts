// SPDX-License-Identifier: Apache-2.0
// Answers of the gateway, parsed. Members this wallet does not know are passed over: a newer gateway may say more.
import { fromBase64, fromHex } from '@zhenglian/core/bytes';
import type { CborValue } from '@zhenglian/core/cbor';
import { decodeCbor } from '@zhenglian/core/cbor';
import { dictionary, integer, list, record, text } from '@zhenglian/core/shape';
import type { Shape } from '@zhenglian/core/shape';
import { label, parseTypeDefinition } from '@zhenglian/core/types/definition';
import type { Label, TypeDefinition } from '@zhenglian/core/types/definition';
import { otherCopy } from './held-licence.ts';
import type { OtherCopy } from './held-licence.ts';

/** What a claim or renewal gives. */
export interface ClaimAnswer {
  readonly licence: string;
  readonly type: TypeDefinition;
  readonly definition: Uint8Array;
  readonly copies: readonly Uint8Array[];
  readonly attachments: ReadonlyMap<string, string>;
  readonly issuer: { readonly uscc: string; readonly name: Label };
  readonly networkId: Uint8Array;
  readonly renewAfter: number;
  readonly otherCopies: readonly OtherCopy[];
}

const LARGE = 8 << 20;

/** Passes members over that the shape does not name. */
function among<T>(names: readonly string[], shape: Shape<T>): Shape<T> {
  return (value, path) =>
    value instanceof Map
      ? shape(new Map([...value].filter(([name]) => names.includes(String(name)))), path)
      : shape(value, path);
}

const network = among(
  ['msp', 'networkId'],
  record({ msp: text(16), networkId: text(64, /^[0-9a-f]{64}$/) }),
);
const trustAnswer = among(['answer'], record({ answer: text(16 << 20) }));
const claimAnswer = among(
  [
    ...['licence', 'type', 'typeDefinition', 'copies', 'attachments', 'issuer', 'networkId'],
    ...['renewal', 'otherCopies'],
  ],
  record({
    licence: text(64, /^[0-9a-f]{32}$/),
    type: among(['code', 'version'], record({ code: text(32), version: integer(1, 999) })),
    typeDefinition: text(LARGE),
    copies: list(text(LARGE), 16),
    attachments: dictionary(text(64), text(1 << 20)),
    issuer: among(['uscc', 'name'], record({ uscc: text(18), name: label })),
    networkId: text(64, /^[0-9a-f]{64}$/),
    renewal: among(['after'], record({ after: integer(0, Number.MAX_SAFE_INTEGER) })),
    otherCopies: list(
      among(['kid', 'epoch', 'index', 'firstDay', 'lastDay', 'state'], otherCopy),
      1024,
    ),
  }),
);

/** `GET /v1/network`. @throws SHAPE_INVALID */
export function parseNetwork(body: unknown) {
  return network(fromJson(body), 'network');
}

/** `GET /v1/trust-bundle`. @throws SHAPE_INVALID */
export function parseTrustAnswer(body: unknown) {
  return trustAnswer(fromJson(body), 'trust bundle');
}

/** `POST /v1/claims`, `POST /v1/renewals`. @throws SHAPE_INVALID, TYPE_INVALID, ENCODING_INVALID, CBOR_* */
export function parseClaimAnswer(body: unknown): ClaimAnswer {
  const { typeDefinition, renewal, ...answer } = claimAnswer(fromJson(body), 'claim');
  const definition = fromBase64(typeDefinition);
  return {
    licence: answer.licence,
    type: parseTypeDefinition(decodeCbor(definition)),
    definition,
    copies: answer.copies.map(fromBase64),
    attachments: answer.attachments,
    issuer: answer.issuer,
    networkId: fromHex(answer.networkId),
    renewAfter: renewal.after,
    otherCopies: answer.otherCopies,
  };
}

/** JSON as the shapes of core take it: objects as maps. */
function fromJson(value: unknown): CborValue {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, member]) => [name, fromJson(member)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null;
}
