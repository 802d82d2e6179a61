// SPDX-License-Identifier: Apache-2.0
// The known-answer test that each engine passes before its first use, all its functions in it: GB/T 32918.5-2017
// Annexes A and C, GB/T 32905-2016 Annex A, twins that must fail, and what has no vector by what has.
import { bytesToHex, concatBytes, equalBytes, hexToBytes } from './bytes.ts';
import { cipherSelfTest } from './cipher-self-test.ts';
import type { Engine } from './engine-interface.ts';
import { DEFAULT_USER_ID } from './message-digest.ts';
import { createStream } from './sm3-stream.ts';
import { createWasmCipher } from './wasm/wasm-cipher.ts';

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
const ABCD_16 = 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732';
// Our own: the deterministic signature over DIGEST, computed with @noble/curves.
const OWN =
  '1be288fb6c0d1fd2d39bdb34403d09483edf60703494672f6dd07ae672acfb5f' +
  'e08a09bb34d8d31f8cb23295ab890f2583b485e24f52d5d308d2e56db0029a97';
// C1 of Annex C, and the point that its key makes of it.
const EPHEMERAL = hexToBytes(
  '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
    'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0',
);
const SHARED =
  '335e18d751e51f040e27d468138b7ab1dc86ad7f981d7d416222fd6ab3ed230d' +
  'ab743ebcfb22d64f7b6ab791f70658f25b48fa93e54064fdbfbed3f0bd847ac9';

const BLINDING = EPHEMERAL.subarray(1, 41);

/** In parts as long messages go, without the time that a long one takes. */
const CIPHER_BYTES = 128;

/** Says whether the engine computes what the standards print. */
export function selfTest(engine: Engine): boolean {
  // Signing first: after a verification the public key would lie where deriving it has to put it.
  return (
    signs(engine) && verifies(engine) && hashes(engine) && multiplies(engine) && enciphers(engine)
  );
}

/** One at a time without a table, with a new one, with a cached one; then by the batch's own kernels. */
function verifies(engine: Engine): boolean {
  const twin = Uint8Array.from(SIGNATURE);
  twin[63] = 0;
  const request = { message: MESSAGE, publicKey: PUBLIC };
  const good = { ...request, signature: SIGNATURE };
  const bad = { ...request, signature: twin };
  // A user id that is named goes by its digest, as a long message does.
  const named = { ...good, userId: Uint8Array.from(DEFAULT_USER_ID) };
  const single =
    [1, 2, 3].every(() => engine.verify(good) && !engine.verify(bad)) && engine.verify(named);
  // An odd number, then another order of it, with a bad one in either lane. The complete path has
  // no kernels for batches.
  const batch = engine.module === undefined ? [good, bad] : [good, bad, bad, good, named, bad, bad];
  const batched = [batch, batch.slice().reverse()].every((items) => {
    const answers = engine.verifyBatch(items);
    return items.every((item, index) => answers[index] === (item !== bad));
  });
  return single && batched;
}

function hashes({ compress, hash, hashEach }: Engine): boolean {
  const text = new TextEncoder().encode('abcd'.repeat(16));
  const streamed = createStream(compress).update(text).digest();
  if (bytesToHex(hash(text.subarray(0, 3))) !== ABC || bytesToHex(hash(text)) !== ABCD_16) {
    return false;
  }
  // Five parts, since four go at once: against the hash that is right by now. Few, or V8 begins to optimise while
  // the caller waits.
  const each = ([[10], [64, 1]] as const).every(([size, head]) => {
    const parts = Uint8Array.from({ length: 5 * size }, (_, index) => 7 * index);
    const first = Uint8Array.from(head === undefined ? [] : [head]);
    const expected = Array.from({ length: 5 }, (_, index) =>
      hash(concatBytes(first, parts.subarray(size * index, size * (index + 1)))),
    );
    return equalBytes(hashEach(parts, size, head), concatBytes(...expected));
  });
  return each && bytesToHex(streamed) === ABCD_16;
}

/** Two at once: they share an inversion. */
function signs(engine: Engine): boolean {
  if (!equalBytes(engine.publicKeyOf(SECRET), PUBLIC)) return false;
  const fresh = new Uint8Array(34);
  fresh[32] = 2;
  const request = { digest: DIGEST, fresh };
  const key = engine.prepare(Uint8Array.from(SECRET));
  const made = engine.signDigests(key, [request, request]);
  return made.length === 2 && made.every((item) => item && bytesToHex(item) === OWN);
}

/** What encryption and decryption need besides hashes. */
function multiplies({ decompress, multiply }: Engine): boolean {
  const off = Uint8Array.from(EPHEMERAL);
  off[64] = 0;
  const short = Uint8Array.of(2, ...EPHEMERAL.subarray(1, 33));
  const known = [EPHEMERAL, short].every((form) =>
    equalBytes(decompress(form) ?? new Uint8Array(0), EPHEMERAL),
  );
  const refused = decompress(off) === undefined;
  return known && refused && bytesToHex(multiply(SECRET, EPHEMERAL, BLINDING)) === SHARED;
}

/** The module's ciphers; those in JavaScript are tested where they are used (cipher.ts). */
function enciphers({ module }: Engine): boolean {
  return (
    module === undefined || cipherSelfTest(createWasmCipher(module, CIPHER_BYTES), CIPHER_BYTES)
  );
}
