// SPDX-License-Identifier: Apache-2.0
// Every benchmark says what it measures and what it takes, out of its own file.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { listBenches } from '../../scripts/bench/main.ts';
import { benchHelp, readBenchHelp } from '../../scripts/bench/parts/bench-help.ts';

const pathOf = (name: string) =>
  fileURLToPath(new URL(`../../scripts/bench/${name}.ts`, import.meta.url));

describe('scripts/bench help', () => {
  for (const name of listBenches()) {
    it(`of ${name} tells its options`, () => {
      const help = readBenchHelp(name, pathOf(name));
      const source = readFileSync(pathOf(name), 'utf8');
      const options = [...source.matchAll(/^ {6}'?([a-z-]+)'?: \{ type: '(?:string|boolean)'/gm)];
      for (const [, option] of options) expect(help, name).to.include(`--${String(option)}`);
      const [, text = ''] = help.split('\n\n');
      expect(text.length, help).to.be.greaterThan(60);
    });
  }

  it('joins lines, leaves out other comments and the tags of TSDoc', () => {
    const source = [
      ...['// SPDX', '// npm run bench -- x: first', '// line.', "import 'y';", '/** Other. */'],
      ...['const z = 1;', '/**', ' * Takes `--n`.', ' * @throws UsageError', ' */'],
      'export const bench = 1;',
    ].join('\n');
    expect(benchHelp('x', source).split('\n').slice(2, 4)).to.deep.equal([
      'first line.',
      'Takes `--n`.',
    ]);
  });
});
