// SPDX-License-Identifier: Apache-2.0
// Every code of an error or of a check is named by a test or a vector (docs/credential-format.md §8, docs/ledger.md §6).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'|^ {2}([A-Z][A-Z_]+):/gm;
const SOURCES = [
  'core/src/errors.ts',
  'core/src/reasons.ts',
  'core/src/recognise.ts',
  'gateway/src/problem-codes.ts',
  'wallet-cli/src/wallet-error.ts',
];

describe('error codes', () => {
  const tests = readTests(join(ROOT, 'test'));
  const isTested = (code: string) => new RegExp(`\\b${code}\\b`).test(tests);

  for (const path of SOURCES) {
    it(`of ${path} are all named by a test`, () => {
      const codes = codesOf(readFileSync(join(ROOT, path), 'utf8'));
      expect(codes).to.have.length.greaterThan(9);
      expect(codes.filter((code) => !isTested(code))).to.deep.equal([]);
    });
  }

  it('are missed when no test names them', () => {
    const nobodys = ['NOBODY', 'NAMES', 'THIS'].join('_');
    expect(codesOf(`  | '${nobodys}'`)).to.deep.equal([nobodys]);
    expect(isTested(nobodys)).to.equal(false);
  });
});

function codesOf(source: string): readonly string[] {
  return [...source.matchAll(CODE)].map(([, quoted, key]) => quoted ?? key ?? '');
}

function readTests(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) =>
        path.endsWith('.test.ts') || path.startsWith('vectors') || path.startsWith('suites'),
    )
    .filter((path) => /\.(ts|json)$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}
