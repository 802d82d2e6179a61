// SPDX-License-Identifier: Apache-2.0
// The known-answer test of SM4 and GHASH: GB/T 32907-2016 Annex A.1 over more blocks than go through
// at once, and the GCM vector of RFC 8998 Appendix A.1 in its parts.
import { concatBytes, equalBytes, hexToBytes } from './bytes.ts';
import type { Cipher } from './engine-interface.ts';
import { gcmLengths, wholeBlocks } from './gcm-form.ts';

const KEY = hexToBytes('0123456789abcdeffedcba9876543210');
const BLOCK = hexToBytes('681edf34d206965e86b3e94f536e4246'); // of the key itself
const BLOCKS = 17;
const START = hexToBytes('00001234567800000000abcd');
const PLAINTEXT = hexToBytes(
  'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa',
);
const CIPHERTEXT =
  '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d';
const TAG = hexToBytes('83de3541e4c2b58177e065a9bf7b62ec');
const ADDITIONAL = hexToBytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
// The same, padded; and the two lengths in bits, behind the ciphertext.
const HEAD = hexToBytes('feedfacedeadbeeffeedfacedeadbeefabaddad2000000000000000000000000');
const LENGTHS = hexToBytes('00000000000000a00000000000000200');

/** Says whether the cipher computes what the standards print; `atOnce` bytes of a message go through it in one call. */
export function cipherSelfTest(cipher: Cipher, atOnce: number): boolean {
  return (
    blocks(cipher) &&
    counters(cipher) &&
    tag(cipher) &&
    seals(cipher) &&
    sealsLong(cipher, new Uint8Array(atOnce + 1))
  );
}

function blocks({ sm4Blocks }: Cipher): boolean {
  const plain = concatBytes(...Array.from({ length: BLOCKS }, () => KEY));
  const sealed = concatBytes(...Array.from({ length: BLOCKS }, () => BLOCK));
  return (
    equalBytes(sm4Blocks(KEY, plain, 'encrypt'), sealed) &&
    equalBytes(sm4Blocks(KEY, sealed, 'decrypt'), plain)
  );
}

/** A counter that overflows, by blocks. */
function counters({ sm4Blocks, sm4Ctr }: Cipher): boolean {
  const last = new Uint8Array(16).fill(0xff);
  const stream = sm4Blocks(KEY, concatBytes(last, new Uint8Array(16)), 'encrypt');
  return equalBytes(sm4Ctr(KEY, last, new Uint8Array(32)), stream);
}

function tag({ sm4Blocks, ghash }: Cipher): boolean {
  const h = sm4Blocks(KEY, new Uint8Array(16), 'encrypt');
  const mask = sm4Blocks(KEY, concatBytes(START, Uint8Array.of(0, 0, 0, 1)), 'encrypt');
  const sum = ghash(h, concatBytes(HEAD, hexToBytes(CIPHERTEXT), LENGTHS));
  return equalBytes(
    sum.map((byte, index) => byte ^ (mask[index] ?? 0)),
    TAG,
  );
}

/** The whole vector in one call, and a twin of it. */
function seals({ gcmKey, gcmOpen, gcmSeal }: Cipher): boolean {
  const prepared = gcmKey(KEY);
  const sealed = concatBytes(hexToBytes(CIPHERTEXT), TAG);
  const twin = concatBytes(hexToBytes(CIPHERTEXT), TAG.subarray(1), TAG.subarray(0, 1));
  return (
    equalBytes(gcmSeal(prepared, START, PLAINTEXT, ADDITIONAL), sealed) &&
    equalBytes(gcmOpen(prepared, START, sealed, ADDITIONAL) ?? HEAD, PLAINTEXT) &&
    gcmOpen(prepared, START, twin, ADDITIONAL) === undefined
  );
}

/** A message that takes several calls: nothing of it differs from the parts that are right by now. */
function sealsLong({ gcmKey, gcmOpen, gcmSeal, ghash, sm4Ctr }: Cipher, text: Uint8Array): boolean {
  const prepared = gcmKey(KEY);
  const sealed = gcmSeal(prepared, START, text, ADDITIONAL);
  const ciphertext = sm4Ctr(KEY, concatBytes(START, Uint8Array.of(0, 0, 0, 2)), text);
  const filled = new Uint8Array(wholeBlocks(text.length));
  filled.set(ciphertext);
  const lengths = gcmLengths(ADDITIONAL.length, text.length);
  const h = sm4Ctr(KEY, new Uint8Array(16), new Uint8Array(16));
  const sum = ghash(h, concatBytes(HEAD, filled, lengths));
  const tag = sm4Ctr(KEY, concatBytes(START, Uint8Array.of(0, 0, 0, 1)), sum);
  const opened = gcmOpen(prepared, START, sealed, ADDITIONAL);
  return equalBytes(sealed, concatBytes(ciphertext, tag)) && equalBytes(opened ?? HEAD, text);
}
