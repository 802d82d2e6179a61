// SPDX-License-Identifier: Apache-2.0
// One transaction or question in hand, without Fabric: what the contract functions take.
import { toBase64 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Caller } from './access.ts';
import { refuseAs } from './refusal.ts';
import type { Parser, State } from './state.ts';

/** What a contract function may use; there is no clock and no randomness in it. */
export interface Call {
  readonly state: State;
  readonly caller: Caller;
  /** The transaction's timestamp in whole seconds. */
  readonly at: number;
  readonly channel: string;
  readonly request: Uint8Array;
  readonly extra: readonly Uint8Array[];
  /** Name under which the client called this chaincode. */
  readonly chaincode: () => string;
  /** Asks another chaincode of the channel; its reads become reads of this transaction. */
  readonly ask: (chaincode: string, name: string, request: Uint8Array) => Promise<string>;
}

/** The request, typed. @throws REQUEST_INVALID */
export function readRequest<T>(call: Call, parse: Parser<T>): T {
  return refuseAs('REQUEST_INVALID', () => parse(decodeCbor(call.request)));
}

/** What a function returns: base64 of deterministic CBOR. */
export function answer(value: CborInput): string {
  return toBase64(encodeCbor(value));
}
