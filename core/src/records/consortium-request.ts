// SPDX-License-Identifier: Apache-2.0
// Requests to the consortium's chaincode `zl` (docs/ledger.md §6, §7).
import type { CborValue } from '../cbor.ts';
import { anything, bool, bytes, dictionary, list, optional, record, text } from '../shape.ts';
import type { Shaped } from '../shape.ts';
import {
  kid,
  msp,
  nonce,
  proposalIdText,
  publicKey,
  signature,
  time,
  typeCode,
  uscc,
} from './fields.ts';
import { lastGood } from './key.ts';
import { proposalKind } from './proposal.ts';

const found = record({
  definition: bytes(),
  signatures: dictionary(msp, bytes(undefined, 80)),
});
const propose = record({ kind: proposalKind, body: anything, nonce });
const vote = record({ id: proposalIdText, approve: bool });
const enact = record({ id: proposalIdText });
const registerKey = record({
  uscc,
  publicKey,
  types: list(typeCode, 64),
  notBefore: time,
  notAfter: time,
  possession: signature,
});
const burnKey = record({ kid, lastGood });
const submitRule = record({ rule: anything, kid, signature });
const withdrawRule = record({ from: msp, to: msp, type: typeCode });
const trustBundle = record({ nonce: optional(nonce) });
const recordRequest = record({ key: text(160, /^[\x21-\x7e]+$/) });
const keyScope = record({ msp, uscc: optional(uscc), kid: optional(kid) });
const nothing = record({});

export type FoundRequest = Shaped<typeof found>;
export type ProposeRequest = Shaped<typeof propose>;
export type VoteRequest = Shaped<typeof vote>;
export type RegisterKeyRequest = Shaped<typeof registerKey>;
export type BurnKeyRequest = Shaped<typeof burnKey>;
export type SubmitRuleRequest = Shaped<typeof submitRule>;
export type WithdrawRuleRequest = Shaped<typeof withdrawRule>;
export type KeyScopeRequest = Shaped<typeof keyScope>;

/** Each reads the request of the transaction or question of its name. @throws SHAPE_INVALID */
export const consortiumRequest = {
  Found: (value: CborValue) => found(value, 'request'),
  Propose: (value: CborValue) => propose(value, 'request'),
  Vote: (value: CborValue) => vote(value, 'request'),
  Enact: (value: CborValue) => enact(value, 'request'),
  RegisterKey: (value: CborValue) => registerKey(value, 'request'),
  BurnKey: (value: CborValue) => burnKey(value, 'request'),
  SubmitRule: (value: CborValue) => submitRule(value, 'request'),
  WithdrawRule: (value: CborValue) => withdrawRule(value, 'request'),
  TrustBundle: (value: CborValue) => trustBundle(value, 'request'),
  Record: (value: CborValue) => recordRequest(value, 'request'),
  KeyScope: (value: CborValue) => keyScope(value, 'request'),
  Proposals: (value: CborValue) => nothing(value, 'request'),
} as const;
