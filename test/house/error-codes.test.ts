// SPDX-License-Identifier: Apache-2.0
// Every code of an error or of a check is named by a test or a vector (docs/credential-format.md §8, docs/ledger.md §6):
// in a string that a test works with. Comments, prose and titles of tests prove nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSources, ROOT } from './source-files.ts';
import { jsonStrings, workingStrings } from './working-strings.ts';

const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'|^ {2}([A-Z][A-Z_]+):/gm;
/** Where codes are declared, and how many there are at least. */
const SOURCES: Readonly<Record<string, number>> = {
  'core/src/errors.ts': 60,
  'core/src/reasons.ts': 10,
  'core/src/recognise.ts': 10,
  'gateway/src/problem-codes.ts': 30,
  'gateway/src/replica/replica.ts': 5,
  'guomi/src/errors.ts': 19,
  'verifier-web/src/page-error.ts': 8,
  'wallet-cli/src/wallet-error.ts': 10,
};

describe('error codes', function () {
  this.timeout(120_000);
  let named: ReadonlySet<string>;

  before(() => {
    named = new Set([...readTests()].flatMap(wordsOf));
  });

  for (const [path, least] of Object.entries(SOURCES)) {
    it(`of ${path} are all named by a test`, () => {
      const codes = codesOf(readFileSync(join(ROOT, path), 'utf8'));
      expect(codes).to.have.length.of.at.least(least);
      expect([...new Set(codes)].filter((code) => !named.has(code))).to.deep.equal([]);
    });
  }

  it('are missed when no test names them', () => {
    const nobodys = ['NOBODY', 'NAMES', 'THIS'].join('_');
    expect(codesOf(`  | '${nobodys}'`)).to.deep.equal([nobodys]);
    expect(named.has(nobodys)).to.equal(false);
  });

  it('are not named by comments, titles, names or types', () => {
    const [a, b, c, d, e, f] = ['A_A', 'B_B', 'C_C', 'D_D', 'E_E', 'F_F'];
    const source = `// '${a}'
      /* "${a}" */ describe('${b}', () => {});
      it(\`${b} \${x}\`, () => { const ${c} = y.${c}; type T = '${c}'; });
      expect(code).to.equal('${d}'); expect(/${e}/); const z = { ${f}: 1 }; say(\`\${x} ${d}\`);`;
    expect([...workingStrings('x.ts', source)].flatMap(wordsOf)).to.have.members([d, d, e, f]);
  });
});

function codesOf(source: string): readonly string[] {
  return [...source.matchAll(CODE)].map(([, quoted, key]) => quoted ?? key ?? '');
}

/** Words of capitals in a string; one of them may stand before a colon or between others. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g) ?? [];
}

function* readTests(): Generator<string> {
  for (const { path, text } of readSources(/^test\/(.*\.test\.ts|suites\/.*\.ts)$/)) {
    yield* workingStrings(path, text);
  }
  for (const { text } of readSources(/^test\/vectors\/.*\.json$/)) {
    yield* jsonStrings(JSON.parse(text));
  }
}
