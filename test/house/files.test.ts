// SPDX-License-Identifier: Apache-2.0
// House rules about files: the licence line, length, names, no test left alone or out.
import { basename } from 'node:path';
import { expect } from 'chai';
import { readSources } from './source-files.ts';

const MOST_LINES = 400;
const OPENING = /^(#!.*\n)?(\/\/|#|<!--|\/\*) SPDX-License-Identifier: Apache-2\.0/;

describe('house: files', () => {
  const sources = readSources(/(\.(ts|mts|mjs|js|vue|css|sh)|^\.ci\/run)$/).filter(
    ({ path }) => !/(^|\/)vendor\//.test(path),
  );

  it('open with the SPDX line', () => {
    expect(pathsWhere(({ text }) => !OPENING.test(text))).to.deep.equal([]);
  });

  it(`have at most ${String(MOST_LINES)} lines`, () => {
    expect(pathsWhere(({ text }) => text.split('\n').length - 1 > MOST_LINES)).to.deep.equal([]);
  });

  it('have kebab-case names that say what is in them', () => {
    const vague = /^(utils?|helpers?|common|types|misc)\./;
    const shape = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$|^[A-Z][A-Za-z0-9]*\.vue$|^run$/;
    const named = pathsWhere(
      ({ path }) => vague.test(basename(path)) || !shape.test(basename(path)),
    );
    expect(named).to.deep.equal([]);
  });

  it('leave no test alone and skip none for good', () => {
    const alone = /\b(describe|context|it)\.(only|skip)\(|\bx(describe|it)\(/;
    expect(
      pathsWhere(({ path, text }) => path.endsWith('.test.ts') && alone.test(text)),
    ).to.deep.equal([]);
  });

  function pathsWhere(wrong: (file: { path: string; text: string }) => boolean): string[] {
    return sources.filter(wrong).map(({ path }) => path);
  }
});
