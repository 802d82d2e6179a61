// SPDX-License-Identifier: Apache-2.0
// What a call leaves behind, in JavaScript and in the module's memory: every array that a secret may have been in is
// cleared, also when the call is refused. Seen through the platform's generator and through the arrays that are made meanwhile.
import { expect } from 'chai';
import { engine, GuomiError, sm2, sm4 } from '../../guomi/src/index.ts';
import { bytesToHex } from '../../guomi/src/bytes.ts';
import { currentEngine, standIn } from '../../guomi/src/current-engine.ts';
import type { PreparedKey } from '../../guomi/src/engine-interface.ts';
import { encryptWith } from '../../guomi/src/encryption.ts';
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

  it('nothing of a plaintext or the shared point where SM2’s cipher was cut off', () => {
    const text = random(70);
    const sealed = sm2.encrypt(text, pair.publicKey, { format: 'raw', random });
    const point = sealed.slice(0, 65);
    const sound = currentEngine();
    const shared = sound.multiply(pair.secretKey, point);
    const mask = sealed.slice(97).map((byte, at) => byte ^ (text[at] ?? 0));
    const secrets = [text, shared, mask].flatMap(piecesOf);
    let left = 0; // calls of hash until one fails: three for the mask, one for the digest
    standIn({
      ...sound,
      hash(bytes) {
        if (left-- === 0) throw new Error('planted');
        return sound.hash(bytes);
      },
    });
    for (const [name, run] of [
      ['decrypt', () => sm2.decrypt(sealed, pair.secretKey, { format: 'raw' })],
      ['encrypt', () => encryptWith(text, pair.publicKey, pair.secretKey, point)],
    ] as const) {
      const own =
        name === 'encrypt' ? piecesOf(sound.multiply(pair.secretKey, pair.publicKey)) : [];
      for (let cut = 0; cut < 4; cut += 1) {
        left = cut;
        const made = arraysMeanwhile(() => expect(run).to.throw('planted'));
        expectNone(made, [...secrets, ...own], `${name}, cut at ${cut}`);
      }
    }
  });

  it('nothing of a long text where SM4 was cut off, nor of its parts where it was not', () => {
    const [key, iv, text] = [random(16), random(12), random(140_000)];
    const sealed = sm4.gcmEncrypt(key, iv, text);
    const exports = instantiate('wasm');
    let left = 0; // calls of the counter mode until one traps: one for the tag, three for the text
    const sm4Ctr: typeof exports.sm4Ctr = (...given) => {
      if (left-- === 0) throw new Error('planted');
      exports.sm4Ctr(...given);
    };
    standIn(openEngine('wasm', { ...exports, sm4Ctr }));
    const secrets = piecesOf(text);
    for (let cut = 0; cut < 4; cut += 1) {
      left = cut;
      const run = () => sm4.gcmDecrypt(key, iv, sealed);
      const made = arraysMeanwhile(() => expect(run).to.throw('planted'));
      expectNone(made, secrets, `cut at ${cut}`);
    }
    left = Infinity;
    let opened = text;
    const made = arraysMeanwhile(() => (opened = sm4.gcmDecrypt(key, iv, sealed)));
    expect(opened).to.deep.equal(text);
    expectNone(
      made.filter((bytes) => bytes !== opened),
      secrets,
      'not cut',
    );
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

/** Sixteen bytes here and there: where one of them is, there is more. */
function piecesOf(secret: Uint8Array): Uint8Array[] {
  const starts = [0, 16, 32, 48, 70_000, 139_000, secret.length - 16];
  return starts.map((at) => secret.slice(at, at + 16)).filter(({ length }) => length === 16);
}

function expectNone(
  made: readonly Uint8Array[],
  pieces: readonly Uint8Array[],
  what: string,
): void {
  expect(made).to.not.have.length(0);
  for (const bytes of made) {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const piece of pieces) expect(whole.indexOf(piece), what).to.equal(-1);
  }
}

/** The arrays that are made during a call: by `new`, `from` and `slice`. */
function arraysMeanwhile(call: () => unknown): Uint8Array[] {
  const made: Uint8Array[] = [];
  const keep = (array: Uint8Array): Uint8Array => {
    made.push(array);
    return array;
  };
  const { Uint8Array: sound } = globalThis;
  globalThis.Uint8Array = new Proxy(sound, {
    construct: (target, given) => keep(Reflect.construct(target, given) as Uint8Array),
  });
  const value = function (this: Uint8Array, from?: number, to?: number): Uint8Array {
    return keep(new sound(this.subarray(from, to)));
  };
  Object.defineProperty(sound.prototype, 'slice', { value, configurable: true });
  try {
    call();
  } finally {
    globalThis.Uint8Array = sound;
    Reflect.deleteProperty(sound.prototype, 'slice');
  }
  return made;
}
