// SPDX-License-Identifier: Apache-2.0
// What a call leaves behind, in JavaScript and in the module's memory: every array that a secret may have been in is
// cleared, also when the call is refused. Seen through the platform's generator and through the arrays that are made meanwhile.
import { expect } from 'chai';
import { engine, GuomiError, sm2 } from '../../guomi/src/index.ts';
import { bytesToHex } from '../../guomi/src/bytes.ts';
import { currentEngine, standIn } from '../../guomi/src/current-engine.ts';
import type { PreparedKey } from '../../guomi/src/engine-interface.ts';
import { compressRolled } from '../../guomi/src/sm3-rolled.ts';
import { pbkdf2 } from '../../guomi/src/pbkdf2.ts';
import { instantiate } from '../../guomi/src/wasm/loader.ts';
import { openEngine } from '../../guomi/src/wasm/wasm-engine.ts';
import { seededRandom } from './oracles.ts';

const random = seededRandom('left');
const pair = sm2.generateKeyPair(random);

describe('guomi: what is left of secrets', () => {
  afterEach(() => engine.use());

  it('nothing of a new key, nor of an ephemeral one, in what the platform gave', () => {
    for (const make of [
      () => sm2.generateKeyPair(),
      () => sm2.encrypt(random(20), pair.publicKey),
    ]) {
      const given = givenMeanwhile(make).filter(({ length }) => length === 32);
      expect(given).to.not.have.length(0);
      for (const bytes of given) expect(bytesToHex(bytes)).to.equal('00'.repeat(32));
    }
  });

  it('leaves the bytes of a source of the caller’s to the caller', () => {
    const mine = random(32);
    const made = sm2.generateKeyPair(() => mine);
    expect(bytesToHex(mine)).to.equal(bytesToHex(made.secretKey));
  });

  it('nothing of a key whose signer was refused or could not be prepared', () => {
    const prepared: PreparedKey[] = [];
    const copies: Uint8Array[] = [];
    const sound = currentEngine();
    const watched = {
      ...sound,
      prepare: (secretKey: Uint8Array) => {
        copies.push(secretKey);
        const key = sound.prepare(secretKey);
        prepared.push(key);
        return key;
      },
      publicKeyOf: (): Uint8Array => {
        throw new GuomiError('ENGINE_FAILED', 'planted');
      },
    };
    standIn(watched);
    expect(() => sm2.createSigner(pair.secretKey, { userId: new Uint8Array(9000) }))
      .to.throw(GuomiError)
      .with.property('code', 'USER_ID_TOO_LONG');
    expect(copies).to.have.length(0);
    expect(() => sm2.createSigner(pair.secretKey))
      .to.throw(GuomiError)
      .with.property('code', 'ENGINE_FAILED');
    expect(prepared).to.have.length(1);
    for (const secret of [...copies, ...prepared.flatMap((key) => [key.secretKey, key.inverse])]) {
      expect(secret.every((byte) => byte === 0)).to.equal(true);
    }
  });

  it('nothing of a password or its key where deriving was cut off', () => {
    const seen: Uint8Array[] = [];
    let calls = 0;
    const failing: typeof compressRolled = (state, data, offset, blocks) => {
      seen.push(data);
      calls += 1;
      if (calls > 9) throw new Error('planted');
      compressRolled(state, data, offset, blocks);
    };
    const password = random(20);
    expect(() => pbkdf2(failing, password, random(16), 1000, 16)).to.throw('planted');
    const own = seen.filter((data) => data !== password);
    expect(own).to.not.have.length(0);
    // Blocks of padding and salt are public; what is 64 bytes held key or digest.
    for (const block of own.filter(({ length }) => length === 64)) {
      expect(block.every((byte) => byte === 0)).to.equal(true);
    }
  });

  for (const name of ['wasm', 'wasm-simd'] as const) {
    it(`${name}: neither parts nor digests are left in memory after hashes of many`, () => {
      const exports = instantiate(name);
      const { hashEach } = openEngine(name, exports);
      for (const [length, count] of [
        [33, 1],
        [32, 7],
        [200, 5],
        [4000, 4],
      ] as const) {
        const parts = seededRandom(`each ${name}`)(length * count);
        const digests = hashEach(parts, length, 0);
        const memory = Buffer.from(exports.memory.buffer);
        for (let at = 0; at < count; at += 1) {
          const part = parts.subarray(at * length, (at + 1) * length);
          const digest = digests.subarray(32 * at, 32 * at + 32);
          // A quarter of either would be found too; words lie the other way round in the state.
          expect(memory.indexOf(part.subarray(length - 16)), 'part').to.equal(-1);
          expect(memory.indexOf(digest.subarray(0, 8)), 'digest').to.equal(-1);
          expect(memory.indexOf(Buffer.from(digest.subarray(0, 4)).reverse()), 'word').to.equal(-1);
        }
      }
    });
  }
});

/** The arrays that the platform's generator filled during a call. */
function givenMeanwhile(call: () => unknown): Uint8Array[] {
  const given: Uint8Array[] = [];
  const { crypto } = globalThis;
  const before = crypto.getRandomValues.bind(crypto);
  const watched = (array: Uint8Array<ArrayBuffer>) => {
    const filled = before(array);
    given.push(filled);
    return filled;
  };
  Object.defineProperty(crypto, 'getRandomValues', { value: watched, configurable: true });
  try {
    call();
  } finally {
    Reflect.deleteProperty(crypto, 'getRandomValues');
  }
  return given;
}
