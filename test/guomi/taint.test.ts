// SPDX-License-Identifier: Apache-2.0
// No branch, address, length, selection or division of the compiled secret paths depends on a secret.
import { expect } from 'chai';
import { buildModule } from '../../guomi/kernel/build.ts';
import { findLeaks } from '../../guomi/kernel/taint.ts';
import { readWasm } from '../../guomi/kernel/wasm-reader.ts';
import { BASE64 as CORE } from '../../guomi/src/wasm/module-core.ts';
import { BASE64 as SIMD } from '../../guomi/src/wasm/module-simd.ts';

const SECRET_PATHS = [
  'derive',
  'prepareSigner',
  'makeNonce',
  'signPoint',
  'signInvert',
  'signFinish',
  'multiplyKey',
  'sm4Key',
  'sm4Load',
  'gcmKey',
  'gcm',
  'sm4Blocks',
  'sm4Ctr',
  'ghash',
  'sm3At',
  'sm3Blocks',
  'sm3Start',
  'hashParts',
  'mul',
  'invert',
  'sm4Wipe',
  'wipe',
];

/** Functions that meet no secret. */
const PUBLIC: Readonly<Record<string, string>> = {
  start: 'tables of G',
  checkKey: 'public keys',
  decompress: 'public keys',
  verify: 'signatures',
  batchStart: 'signatures',
  batchAdd: 'signatures',
  batchEnd: 'signatures',
  batchRun: 'signatures',
  batchAnswer: 'signatures',
  cachedKeys: 'the number of tables',
  timeScalar: 'nothing',
  timeLanes: 'nothing',
};

const PLANTED = [
  {
    what: 'a table read at a secret address',
    file: 'sign.ts',
    from: 'select(table, (<u32>digit ^ negative) & 15);',
    to: 'memory.copy(CHOSEN, table + 72 * <usize>((<u32>digit ^ negative) & 15), 72);',
  },
  {
    what: 'an early exit on a zero nonce',
    file: 'sign.ts',
    from: '  orderReduce(item + 120);\n',
    to: '  if (zero) return;\n  orderReduce(item + 120);\n',
  },
  {
    what: 'a branch on a global that is read before it becomes secret',
    file: 'sign.ts',
    from: 'export function makeNonce(): void {\n',
    to: 'let planted: u64 = 0;\nexport function makeNonce(): void {\n  if (planted & 1) store<u8>(SECRET, 0);\n  planted = load<u64>(SECRET);\n',
  },
  {
    what: 'a branch behind a public return, in a function without locals',
    file: 'cipher.ts',
    from: 'export function sm4Wipe(): void {\n',
    to: 'export function sm4Wipe(): void {\n  if (memory.size() == 0) return;\n  if (load<u8>(SECRET)) store<u8>(SECRET, 0);\n',
  },
  {
    what: 'a final subtraction by branch',
    file: 'order.ts',
    from: 'const take = ~<i32>(borrow >> 63);',
    to: 'if (borrow < 0) return;\n  const take: i32 = -1;',
  },
];

/** What the SIMD module does in the core module's stead with secrets: keyed hashes, passwords. */
const SIMD_SECRET_PATHS = ['sm3At', 'sm3Blocks', 'hashParts'];

describe('guomi taint check', () => {
  for (const [name, text, secret, open] of [
    ['core', CORE, SECRET_PATHS, 'verify'],
    ['simd', SIMD, SIMD_SECRET_PATHS, 'batchRun'],
  ] as const) {
    it(`${name}: finds nothing in the paths that touch a secret`, () => {
      expect(findLeaks(readWasm(Buffer.from(text, 'base64')), secret)).to.deep.equal([]);
    });

    it(`${name}: does find the branches of verification, which is public`, () => {
      expect(findLeaks(readWasm(Buffer.from(text, 'base64')), [open])).to.not.have.length(0);
    });
  }

  it('knows every function of the modules: as secret, or as public with a reason', () => {
    for (const [text, secret] of [
      [CORE, SECRET_PATHS],
      [SIMD, SIMD_SECRET_PATHS],
    ] as const) {
      const names = [...readWasm(Buffer.from(text, 'base64')).exports.keys()];
      const left = names.filter((name) => !secret.includes(name));
      expect(left.filter((name) => !Object.hasOwn(PUBLIC, name))).to.deep.equal([]);
      expect(secret.filter((name) => !names.includes(name))).to.deep.equal([]);
    }
  });

  it('calls a secret that leaves the module a leak', async () => {
    const binary = await buildModule('simd', (name, source) => {
      if (name !== 'digest.ts') return source;
      const from = '  sm3Start(STATE);\n  sm3Finish';
      expect(source).to.include(from);
      const planted = source.replace(from, `  invert(STATE, STATE);\n${from}`);
      return `import { invert } from './inverse';\n${planted}`;
    });
    const whats = findLeaks(readWasm(binary), SIMD_SECRET_PATHS).map(({ what }) => what);
    expect(whats).to.include('a call out of the module');
  }).timeout(120_000);

  for (const { what, file, from, to } of PLANTED) {
    it(`finds ${what}`, async () => {
      const binary = await buildModule('core', (name, source) => {
        if (name !== file) return source;
        expect(source).to.include(from);
        return source.replace(from, to);
      });
      expect(findLeaks(readWasm(binary), SECRET_PATHS)).to.not.have.length(0);
    }).timeout(120_000);
  }
});
