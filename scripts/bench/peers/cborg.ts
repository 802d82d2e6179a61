// SPDX-License-Identifier: Apache-2.0
// The CBOR library as a peer would use it: no scan and no comparison, which are ours.
import type { CborCodec } from './dcc.ts';
import { loadPeer } from './install.ts';

/** The codec over cborg. @throws TypeError when the library is not what it was */
export async function loadCborg(): Promise<CborCodec> {
  const cborg = await loadPeer('cborg');
  if (!isCborg(cborg)) throw new TypeError('cborg has changed its interface');
  return {
    encode: (value) => cborg.encode(value),
    decode: (bytes) => cborg.decode(bytes, { useMaps: true }),
  };
}

interface Cborg {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array, options: { readonly useMaps: boolean }): unknown;
}

function isCborg(loaded: unknown): loaded is Cborg {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'encode' in loaded &&
    typeof loaded.encode === 'function' &&
    'decode' in loaded &&
    typeof loaded.decode === 'function'
  );
}
