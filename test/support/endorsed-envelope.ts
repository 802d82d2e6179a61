// SPDX-License-Identifier: Apache-2.0
// Endorsed transactions whose results are written by hand: what a peer that does not run the contracts can sign.
import { concat, utf8 } from '@zhenglian/core/bytes';
import { writeBytes, writeVarint } from '../../network/wire-fields.ts';

/** What a transaction writes in one namespace. */
export interface Writes {
  readonly namespace: string;
  /** Keys of its public state. */
  readonly keys?: readonly string[];
  /** Keys whose own policy is set, and whose value stays. */
  readonly policies?: readonly string[];
  /** Collections in which one key is written. */
  readonly collections?: readonly string[];
}

/** rwset.TxReadWriteSet. */
export function resultsOf(sets: readonly Writes[]): Uint8Array {
  return concat(
    ...sets.map(({ namespace, keys = [], policies = [], collections = [] }) =>
      writeBytes(
        2,
        concat(
          writeBytes(1, utf8(namespace)),
          writeBytes(
            2,
            concat(
              ...keys.map((key) => writeBytes(3, writeOf(utf8(key)))),
              ...policies.map((key) => writeBytes(4, writeBytes(1, utf8(key)))),
            ),
          ),
          ...collections.map((name) =>
            writeBytes(
              3,
              concat(
                writeBytes(1, utf8(name)),
                writeBytes(2, writeBytes(2, writeOf(new Uint8Array(32).fill(1)))),
                writeBytes(3, new Uint8Array(32).fill(2)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** ProposalResponsePayload of a proposal's hash, as an endorser signs it. */
export function payloadOf(
  hash: Uint8Array,
  chaincode: { readonly name: string; readonly version: string },
  results: Uint8Array,
): Uint8Array {
  const response = concat(Uint8Array.of(1 << 3), writeVarint(200));
  const id = concat(writeBytes(2, utf8(chaincode.name)), writeBytes(3, utf8(chaincode.version)));
  const action = concat(writeBytes(1, results), writeBytes(3, response), writeBytes(4, id));
  return concat(writeBytes(1, hash), writeBytes(2, action));
}

/** KVWrite and KVWriteHash have one form: key, value. */
function writeOf(key: Uint8Array): Uint8Array {
  return concat(writeBytes(1, key), writeBytes(3, new Uint8Array(32).fill(3)));
}
