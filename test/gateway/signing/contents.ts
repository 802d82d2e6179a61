// SPDX-License-Identifier: Apache-2.0
// Contents as an authority signs them, for tests of whoever holds its keys.
import { encodeCbor } from '@zhenglian/core/cbor';
import { encodePayload } from '@zhenglian/core/payload';
import { batchPayload } from '@zhenglian/core/records/batch';
import { possessionPayload } from '@zhenglian/core/records/key';
import { emptyChain, statusPayload } from '@zhenglian/core/records/status';
import { receiptPayload } from '@zhenglian/core/recognise';
import type { SignedContent } from '@zhenglian/core/signing';
import type { KeyInfo } from '../../../gateway/src/signing/key-store.ts';

export const NETWORK = new Uint8Array(32).fill(7);
const HASH = new Uint8Array(32).fill(9);

/** A copy of a type, at an index. */
export function licence(index: number, typeNumber = 3): SignedContent {
  const payload = encodePayload({
    typeNumber,
    typeVersion: 1,
    epoch: 2,
    index,
    firstDay: 20_000,
    lastDay: 23_000,
    holderKey: null,
    fieldRoot: HASH,
    extensions: new Map(),
  });
  return { purpose: 'licence', networkId: NETWORK, payload };
}

/** A batch of a key. */
export function batch(key: Pick<KeyInfo, 'authority' | 'kid'>, type = 'driving'): SignedContent {
  const { authority: uscc, kid } = key;
  const place = { uscc, epoch: 2, n: 0, first: 0, count: 1 };
  const payload = batchPayload({ ...place, root: HASH, type, kid });
  return { purpose: 'batch', networkId: NETWORK, payload };
}

/** A status of a licence of an authority. */
export function status(uscc: string): SignedContent {
  const place = { uscc, epoch: 2, index: 5, time: 1_800_000_000, seq: 1 };
  const what = { state: 'revoked', class: 'lost', commitment: HASH } as const;
  const payload = statusPayload({ ...place, ...what }, emptyChain());
  return { purpose: 'status', networkId: NETWORK, payload };
}

/** The proof that a key is had. */
export function possession(
  key: Pick<KeyInfo, 'authority' | 'publicKey'>,
  publicKey = key.publicKey,
): SignedContent {
  const payload = possessionPayload('P44', key.authority, publicKey);
  return { purpose: 'possession', networkId: NETWORK, payload };
}

/** A receipt for a recognised licence. */
export function receipt(type = 'driving'): SignedContent {
  const hashes = { ruleHash: HASH, argument: HASH };
  const at = 1_800_000_000;
  const payload = receiptPayload({ from: 'P44', to: 'P33', type, ...hashes, act: 'roadside', at });
  return { purpose: 'receipt', networkId: NETWORK, payload };
}

/** The word for a rule. */
export function rule(): SignedContent {
  return { purpose: 'rule', networkId: NETWORK, payload: HASH };
}

/** What no authority's key signs, whatever it says that it is. */
export function senseless(key: KeyInfo): readonly SignedContent[] {
  const other = { ...key, kid: new Uint8Array(8) };
  const foreign = { ...key, authority: '12330100000000024X' };
  const as = (purpose: SignedContent['purpose'], payload: Uint8Array): SignedContent => {
    return { purpose, networkId: NETWORK, payload };
  };
  const long = new Uint8Array(600);
  long.set(licence(1).payload);
  return [
    as('presentation', HASH),
    as('claim', HASH),
    as('trace', HASH),
    as('licence', HASH),
    as('licence', long),
    as('licence', batch(key).payload),
    as('batch', licence(1).payload),
    as('status', encodeCbor(['short'])),
    as('rule', licence(1).payload),
    as('receipt', HASH),
    batch(other),
    batch(foreign),
    status(foreign.authority),
    possession(foreign),
    possession(key, Uint8Array.of(2, ...HASH)),
  ];
}
