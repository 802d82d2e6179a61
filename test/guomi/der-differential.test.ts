// SPDX-License-Identifier: Apache-2.0
// DER signatures, altered at random and rewritten in every lax form, before our reader and before OpenSSL: the two
// must say the same. OpenSSL writes again what it has read and compares, so it is no laxer than ours anywhere.
import { createPublicKey, createVerify } from 'node:crypto';
import { expect } from 'chai';
import { GuomiError, sm2 } from '../../guomi/src/index.ts';
import { bytesToHex, bytesToNumber, concatBytes, hexToBytes } from '../../guomi/src/bytes.ts';
import { CURVE } from '../../guomi/src/curve.ts';
import { userDigest } from '../../guomi/src/message-digest.ts';
import { compressRolled } from '../../guomi/src/sm3-rolled.ts';
import { seededRandom } from './oracles.ts';

const random = seededRandom(process.env['SEED'] ?? 'der');
const ROUNDS = process.env['SLOW'] === '1' ? 100_000 : 4_000;
const pair = sm2.generateKeyPair(random);
const message = new TextEncoder().encode('证照');
const za = userDigest(compressRolled, pair.publicKey);
const opensslKey = createPublicKey({
  key: Buffer.from(sm2.encodeSpki(pair.publicKey)),
  format: 'der',
  type: 'spki',
});

describe('guomi DER signatures beside OpenSSL', function () {
  this.timeout(600_000);

  it('says what OpenSSL says of signatures whose bytes are altered at random', () => {
    const signatures = shortAndLong();
    const seen = { accepted: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const der = signatures[round % signatures.length] ?? new Uint8Array();
      seen[judge(round % 10 === 0 ? der : altered(der)) ? 'accepted' : 'refused'] += 1;
    }
    expect(seen.accepted).to.be.greaterThan(ROUNDS / 11);
    expect(seen.refused).to.be.greaterThan(ROUNDS / 2);
  });

  it('says what OpenSSL says of every lax form of a good signature: no', () => {
    for (const der of shortAndLong()) {
      expect(judge(der)).to.equal(true);
      for (const [form, bytes] of Object.entries(laxForms(der))) {
        expect(judge(bytes), `${form} ${bytesToHex(bytes)}`).to.equal(false);
      }
    }
  });
});

/** Our answer, after it was compared with OpenSSL's. */
function judge(der: Uint8Array): boolean {
  const ours = accepts(der);
  const theirs = createVerify('sm3').update(za).update(message).verify(opensslKey, der);
  expect(ours, bytesToHex(der)).to.equal(theirs);
  return ours;
}

function accepts(der: Uint8Array): boolean {
  try {
    return sm2.verify(sm2.decodeSignatureDer(der), message, pair.publicKey);
  } catch (error) {
    if (error instanceof GuomiError && error.code === 'SIGNATURE_MALFORMED') return false;
    throw error;
  }
}

/** Good signatures of several lengths: with and without a sign byte, with a short r or s. */
function shortAndLong(): Uint8Array[] {
  const byLength = new Map<string, Uint8Array>();
  const signer = sm2.createSigner(pair.secretKey, { random, verifyAfterSign: false });
  for (let round = 0; round < 1500; round += 1) {
    const der = sm2.encodeSignatureDer(signer.sign(message));
    byLength.set(`${der.length}/${der[3] ?? 0}`, der);
  }
  signer.close();
  expect(byLength.size).to.be.greaterThan(4);
  return [...byLength.values()];
}

function altered(der: Uint8Array): Uint8Array {
  const [what = 0, where = 0, value = 0, length = 0] = random(4);
  // Headers are worth more than digits: half of the changes fall on tags, lengths and first digits.
  const second = 4 + (der[3] ?? 0);
  const heads = [0, 1, 2, 3, 4, 5, second, second + 1, second + 2, second + 3];
  const at = (what & 1 ? heads[where % heads.length] : where % der.length) ?? 0;
  const [before, after] = [der.subarray(0, at), der.subarray(at)];
  const changes = [
    () => concatBytes(before, Uint8Array.of(value), after.subarray(1)),
    () =>
      concatBytes(before, Uint8Array.of((after[0] ?? 0) ^ (1 << (value & 7))), after.subarray(1)),
    () => concatBytes(before, Uint8Array.of(value & 3), after),
    () => concatBytes(before, after.subarray(1 + (length & 3))),
    () =>
      concatBytes(
        before,
        Uint8Array.of((after[0] ?? 0) + (value & 1 ? 1 : 255)),
        after.subarray(1),
      ),
    () => concatBytes(der, random(length & 3)),
    () => before,
    // A byte put in or taken out, with the outer length made right again.
    () => withLength(concatBytes(before, Uint8Array.of(value & 0x80), after)),
    () => withLength(concatBytes(before, after.subarray(1))),
  ];
  return (changes[(what >> 1) % changes.length] ?? (() => der))();
}

function withLength(der: Uint8Array): Uint8Array {
  return Uint8Array.from(der, (byte, at) => (at === 1 ? (der.length - 2) & 0xff : byte));
}

function laxForms(der: Uint8Array): Record<string, Uint8Array> {
  const raw = sm2.decodeSignatureDer(der);
  const [r, s] = [bytesToNumber(raw.subarray(0, 32)), bytesToNumber(raw.subarray(32))];
  const [first, second] = [integer(r), integer(s)];
  const body = first + second;
  const hexes = {
    'long form of the outer length': `3081${hexLength(body)}${body}`,
    'longer form of the outer length': `308200${hexLength(body)}${body}`,
    'indefinite length': `3080${body}0000`,
    'long form of an inner length': sequence(`028120${first.slice(4)}${second}`),
    'r with a needless zero': sequence(element('02', `00${first.slice(4)}`) + second),
    's with a needless zero': sequence(first + element('02', `00${second.slice(4)}`)),
    'r + n': sequence(integer(r + CURVE.n) + second),
    's + n': sequence(first + integer(s + CURVE.n)),
    'r − n, negative': sequence(integer(r - CURVE.n) + second),
    's − n, negative': sequence(first + integer(s - CURVE.n)),
    'r = 0': sequence(integer(0n) + second),
    's = n': sequence(first + integer(CURVE.n)),
    'r, s exchanged': sequence(second + first),
    'n − s': sequence(first + integer(CURVE.n - s)),
    'no s': sequence(first),
    'a third integer': sequence(body + '020100'),
    'NULL at the end': sequence(body + '0500'),
    'a byte after the end': `${sequence(body)}00`,
    'SET for SEQUENCE': element('31', body),
    'primitive SEQUENCE': element('10', body),
    'context tag': element('a0', body),
    'OCTET STRING for r': sequence(element('04', first.slice(4)) + second),
    'ENUMERATED for s': sequence(first + element('0a', second.slice(4))),
    'constructed INTEGER': sequence(element('22', first) + second),
    'multi-byte tag': `3f10${hexLength(body)}${body}`,
    'sequence within a sequence': sequence(sequence(body)),
    'raw r‖s': bytesToHex(raw),
    nothing: '',
  };
  return Object.fromEntries(Object.entries(hexes).map(([form, hex]) => [form, hexToBytes(hex)]));
}

const sequence = (content: string): string => element('30', content);
const element = (tag: string, content: string): string => tag + hexLength(content) + content;
const hexLength = (content: string): string => (content.length / 2).toString(16).padStart(2, '0');

/** The shortest two's complement. */
function integer(value: bigint): string {
  let bytes = 1;
  while (BigInt.asIntN(8 * bytes, value) !== value) bytes += 1;
  return element(
    '02',
    BigInt.asUintN(8 * bytes, value)
      .toString(16)
      .padStart(2 * bytes, '0'),
  );
}
