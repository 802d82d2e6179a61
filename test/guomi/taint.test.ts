// SPDX-License-Identifier: Apache-2.0
// No branch, address, length, selection or division of the compiled secret paths depends on a secret.
import { expect } from 'chai';
import { buildModule } from '../../guomi/kernel/build.ts';
import { findLeaks } from '../../guomi/kernel/taint.ts';
import { readWasm } from '../../guomi/kernel/wasm-reader.ts';
import { BASE64 as SCALAR } from '../../guomi/src/wasm/module-scalar.ts';
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
  'sm4Blocks',
  'sm4Ctr',
  'ghash',
  'sm3At',
  'wipe',
];

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
    what: 'a final subtraction by branch',
    file: 'order.ts',
    from: 'const take = ~<i32>(borrow >> 63);',
    to: 'if (borrow < 0) return;\n  const take: i32 = -1;',
  },
];

describe('guomi taint check', () => {
  for (const [name, text] of [
    ['scalar', SCALAR],
    ['simd', SIMD],
  ] as const) {
    it(`${name}: finds nothing in the paths that touch a secret`, () => {
      expect(findLeaks(readWasm(Buffer.from(text, 'base64')), SECRET_PATHS)).to.deep.equal([]);
    });

    it(`${name}: does find the branches of verification, which is public`, () => {
      expect(findLeaks(readWasm(Buffer.from(text, 'base64')), ['verify'])).to.not.have.length(0);
    });
  }

  for (const { what, file, from, to } of PLANTED) {
    it(`finds ${what}`, async () => {
      const binary = await buildModule('scalar', (name, source) => {
        if (name !== file) return source;
        expect(source).to.include(from);
        return source.replace(from, to);
      });
      expect(findLeaks(readWasm(binary), SECRET_PATHS)).to.not.have.length(0);
    }).timeout(120_000);
  }
});
