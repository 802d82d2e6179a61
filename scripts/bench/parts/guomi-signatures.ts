// SPDX-License-Identifier: Apache-2.0
// SM2 signatures beside OpenSSL, sm-crypto, sm-crypto-v2 and @noble/curves. Each peer gets what it can prepare: OpenSSL a
// key object and ZA, sm-crypto the public key, sm-crypto-v2 a table of it.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
} from 'node:crypto';
import { engine, sm2 } from '../../../guomi/src/index.ts';
import { ROUNDS, times } from './figure.ts';
import type { Figure, Work } from './figure.ts';
import { createSmCryptoPeer, type SmCryptoPeer } from '../peers/sm-crypto.ts';

type Item = Readonly<{
  publicKey: Uint8Array;
  secretKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}>;

// A check would make the key known.
const UNCHECKED = { verifyAfterSign: false };
const MESSAGE = new Uint8Array(120).fill(0x5a);

/** All figures of signing and verifying. */
export function signatureFigures(): Figure[] {
  const items = makeItems(1000);
  return [...verifyFigures(items), ...signFigures(items)];
}

function makeItems(count: number): Item[] {
  return Array.from({ length: count }, () => {
    const pair = sm2.generateKeyPair();
    return { ...pair, message: MESSAGE, signature: sm2.sign(MESSAGE, pair.secretKey, UNCHECKED) };
  });
}

function opensslHead({ publicKey }: Item): Uint8Array {
  const id = Buffer.from(sm2.DEFAULT_USER_ID);
  const curve =
    'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0';
  const head = Buffer.concat([
    Buffer.of(0, 128),
    id,
    Buffer.from(curve, 'hex'),
    publicKey.subarray(1),
  ]);
  return createHash('sm3').update(head).digest();
}

function verifyPeers(item: Item): Record<string, Work> {
  const der = sm2.encodeSignatureDer(item.signature);
  const key = createPublicKey({
    key: Buffer.from(sm2.encodeSpki(item.publicKey)),
    format: 'der',
    type: 'spki',
  });
  const head = opensslHead(item);
  const signature = Buffer.from(item.signature).toString('hex');
  const [first, second] = smCryptoPeers(item);
  return {
    OpenSSL: times(300, () => createVerify('sm3').update(head).update(MESSAGE).verify(key, der)),
    'sm-crypto': times(3, () => first.verify(MESSAGE, signature)),
    'sm-crypto-v2': times(10, () => second.verify(MESSAGE, signature)),
    '@noble/curves': completely(20, () => sm2.verify(item.signature, MESSAGE, item.publicKey)),
  };
}

function smCryptoPeers({ secretKey, publicKey }: Item): [SmCryptoPeer, SmCryptoPeer] {
  return [
    createSmCryptoPeer(secretKey, publicKey, 'sm-crypto'),
    createSmCryptoPeer(secretKey, publicKey, 'sm-crypto-v2'),
  ];
}

/** The same call on the engine that is @noble/curves, changed to and warmed up before the clock runs. */
function completely(count: number, run: () => void): Work {
  return {
    ...times(count, run),
    before: () => {
      engine.use('complete');
      run();
    },
    after: () => engine.use(),
  };
}

function verifyFigures(items: readonly Item[]): Figure[] {
  const [first] = items;
  if (first === undefined) return [];
  for (let pass = 0; pass < 5; pass += 1) sm2.verifyBatch(items);
  const batches = Array.from({ length: 40 }, (_, batch) =>
    Array.from(
      { length: 256 },
      (__, index) => items[(256 * batch + 7 * index) % items.length] ?? first,
    ),
  );
  const fresh = Array.from({ length: ROUNDS }, () => makeItems(300));
  let round = 0;
  const unit = '1/s';
  return [
    {
      figure: 'verify, one at a time, known key',
      unit,
      must: { atLeast: 28_000, ratio: 8 },
      ours: times(2000, () => sm2.verify(first.signature, MESSAGE, first.publicKey)),
      peers: verifyPeers(first),
    },
    {
      figure: 'verify, batches of 256, 1,000 keys',
      unit,
      must: { atLeast: 60_000, ratio: 17 },
      ours: { count: 40 * 256, run: () => batches.forEach((batch) => sm2.verifyBatch(batch)) },
      peers: verifyPeers(first),
    },
    {
      figure: 'verify, key never seen before',
      unit,
      must: { atLeast: 8000 },
      ours: {
        count: 300,
        run: () => {
          for (const item of fresh[round] ?? [])
            sm2.verify(item.signature, MESSAGE, item.publicKey);
          round += 1;
        },
      },
      peers: verifyPeers(first),
    },
  ];
}

function signFigures(items: readonly Item[]): Figure[] {
  const [item] = items;
  if (item === undefined) return [];
  const checked = sm2.createSigner(item.secretKey);
  const unchecked = sm2.createSigner(item.secretKey, UNCHECKED);
  // Prepared once, as ours are; anew when the engine changes, which is before the clock runs.
  const onNoble = sm2.createSigner(item.secretKey, UNCHECKED);
  const messages = Array.from({ length: 256 }, () => MESSAGE);
  const key = createPrivateKey({
    key: Buffer.from(sm2.encodePkcs8(item.secretKey)),
    format: 'der',
    type: 'pkcs8',
  });
  const head = opensslHead(item);
  const [first, second] = smCryptoPeers(item);
  const peers = {
    OpenSSL: times(300, () => createSign('sm3').update(head).update(MESSAGE).sign(key)),
    'sm-crypto': times(5, () => first.sign(MESSAGE)),
    'sm-crypto-v2': times(100, () => second.sign(MESSAGE)),
    '@noble/curves': completely(100, () => onNoble.sign(MESSAGE)),
  };
  const unit = '1/s';
  return [
    {
      figure: 'sign, verify-after-sign included',
      unit,
      must: { atLeast: 15_000 },
      ours: times(1000, () => checked.sign(MESSAGE)),
      peers,
    },
    {
      figure: 'sign, verify-after-sign left out',
      unit,
      must: { atLeast: 30_000 },
      ours: times(1000, () => unchecked.sign(MESSAGE)),
      peers,
    },
    {
      figure: 'sign, batches of 256, verify-after-sign included',
      unit,
      ours: { count: 2560, run: () => times(10, () => checked.signBatch(messages)).run() },
      peers,
    },
    {
      figure: 'sign, batches of 256, verify-after-sign left out',
      unit,
      ours: { count: 2560, run: () => times(10, () => unchecked.signBatch(messages)).run() },
      peers,
    },
    {
      figure: 'sign, key prepared anew each time, verified',
      unit,
      ours: times(500, () => sm2.sign(MESSAGE, item.secretKey)),
      peers,
    },
  ];
}
