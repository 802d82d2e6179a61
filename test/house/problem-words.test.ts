// SPDX-License-Identifier: Apache-2.0
// Every code that can leave the gateway has a title in Chinese and one in English; a code of neither is INTERNAL.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isProblemCode } from '../../gateway/src/problem-codes.ts';
import { titleOf } from '../../gateway/src/problem-words.ts';
import { ROOT } from './source-files.ts';

describe('house: words of problems', () => {
  const text = readFileSync(join(ROOT, 'gateway/src/problem-codes.ts'), 'utf8');
  const codes = [...text.matchAll(/^ {2}([A-Z][A-Z_]+): \d{3},$/gm)].map(([, code = '']) => code);

  it('are there for every code, in both languages', () => {
    expect(codes).to.have.length.of.at.least(50);
    for (const code of codes) {
      if (!isProblemCode(code)) throw new Error(`${code} has no status`);
      expect(titleOf(code, 'zh'), code).to.match(/^[\p{Script=Han}，：、。 A-Z]+$/u);
      expect(titleOf(code, 'en'), code).to.match(/^[A-Z][A-Za-z,:/.0-9 ]+$/);
    }
    expect(isProblemCode('NOBODY_KNOWS')).to.equal(false);
    expect(isProblemCode('toString')).to.equal(false);
  });
});
