// SPDX-License-Identifier: Apache-2.0
// The known-answer test that each engine passes before its first use: GB/T 32918.5-2017 Annex A
// and GB/T 32905-2016 Annex A, with a twin that must fail.
import { bytesToHex, equalBytes, hexToBytes } from './bytes.ts';
import type { Engine } from './engine-interface.ts';

const SECRET = hexToBytes('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const PUBLIC = hexToBytes(
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
    'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
);
const MESSAGE = new TextEncoder().encode('message digest');
const SIGNATURE = hexToBytes(
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
);
const DIGEST = hexToBytes('f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640');
const ABC = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0';
// Our own: the deterministic signature over DIGEST, computed with @noble/curves.
const OWN =
  '1be288fb6c0d1fd2d39bdb34403d09483edf60703494672f6dd07ae672acfb5f' +
  'e08a09bb34d8d31f8cb23295ab890f2583b485e24f52d5d308d2e56db0029a97';

/** Says whether the engine computes what the standards print. */
export function selfTest(engine: Engine): boolean {
  const twin = Uint8Array.from(SIGNATURE);
  twin[63] = 0;
  const request = { message: MESSAGE, publicKey: PUBLIC };
  const good = { ...request, signature: SIGNATURE };
  const bad = { ...request, signature: twin };
  // Three times: without a table, with a new one, with a cached one; then as a batch.
  const single = [1, 2, 3].every(() => engine.verify(good) && !engine.verify(bad));
  const batch = engine.verifyBatch([good, bad, good, good]).join() === 'true,false,true,true';
  const hashed = bytesToHex(engine.hash(new TextEncoder().encode('abc'))) === ABC;
  return single && batch && hashed && signs(engine);
}

function signs(engine: Engine): boolean {
  if (!equalBytes(engine.publicKeyOf(SECRET), PUBLIC)) return false;
  const fresh = new Uint8Array(34);
  fresh[32] = 2;
  const [made] = engine.signDigests(engine.prepare(Uint8Array.from(SECRET)), [
    { digest: DIGEST, fresh },
  ]);
  return made !== undefined && bytesToHex(made) === OWN;
}
