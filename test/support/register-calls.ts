// SPDX-License-Identifier: Apache-2.0
// Calls and answers of the register contract (ledger-contracts/register.cjs), for any engine.
import type { Call } from '../../network/ledger.ts';

/** A call with a JSON request. */
export function registerCall(chaincode: string, name: string, request: unknown = {}): Call {
  return { chaincode, name, request: new TextEncoder().encode(JSON.stringify(request)) };
}

/** What the contract answered. */
export function registerAnswer(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
}
