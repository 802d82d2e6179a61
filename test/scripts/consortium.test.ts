// SPDX-License-Identifier: Apache-2.0
// The consortium's file: what is wrong in it is told by its place, with one code.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { desksOf, networkDefinition, readConsortium } from '../../scripts/consortium.ts';

const TEXT = readFileSync(new URL('../../network/consortium.json', import.meta.url), 'utf8');

type Some<T> = [T, T, ...T[]];

interface Draft {
  channel: string;
  k: number;
  threshold: number[];
  organisations: Some<{ msp: string; prefix?: string }>;
  authorities: Some<{ uscc: string; msp: string }>;
  rules: Some<{ between: string[] }>;
  fabric: {
    firstPort: number;
    candidates: Some<{ msp: string; prefix?: string; authorities: Some<{ msp: string }> }>;
  };
}

describe("the consortium's file", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian consortium '));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function read(text: string) {
    const file = join(folder, 'consortium.json');
    writeFileSync(file, text);
    return readConsortium(pathToFileURL(file));
  }
  const change = (edit: (draft: Draft) => void) => () => {
    const draft: Draft = JSON.parse(TEXT);
    edit(draft);
    return read(JSON.stringify(draft));
  };

  it('names founders, the same for both engines, who has a desk, and who may join', () => {
    const file = read(TEXT);
    expect(networkDefinition(file).organisations.map(({ msp }) => msp)).to.eql([
      ...['P44', 'P33', 'P51', 'REG'],
    ]);
    expect(desksOf(file).map(({ msp }) => msp)).to.eql(['P44', 'P33', 'REG']);
    expect(file.fabric.candidates.map(({ msp }) => msp)).to.eql(['P11']);
  });

  const wrong: readonly (readonly [string, RegExp, (draft: Draft) => void])[] = [
    ['a channel that is none', /channel/, (d) => (d.channel = 'No Channel')],
    ['one co-signer', /k must be/, (d) => (d.k = 1)],
    ['more co-signers than organisations', /k must be .* to 4/, (d) => (d.k = 5)],
    ['half a threshold', /threshold/, (d) => (d.threshold = [1, 2])],
    ['a threshold over one', /threshold/, (d) => (d.threshold = [3, 2])],
    ['policies of its own', /Unrecognized key/, (d) => Object.assign(d, { policies: {} })],
    [
      'a prefix twice',
      /P44 and P51.*44/,
      (d) => Object.assign(d.organisations[2] ?? {}, { prefix: '44' }),
    ],
    ['a prefix of a candidate', /P33 and P11/, (d) => (d.fabric.candidates[0].prefix = '33')],
    ['an organisation twice', /p44 stands twice/, (d) => (d.fabric.candidates[0].msp = 'P44')],
    ['an unknown authority', /P77/, (d) => (d.authorities[0].msp = 'P77')],
    ['an authority of others', /P44/, (d) => (d.fabric.candidates[0].authorities[0].msp = 'P44')],
    ['an authority twice', /twice/, (d) => (d.authorities[1].uscc = d.authorities[0].uscc)],
    ['a rule with nobody', /P99/, (d) => (d.rules[0].between[1] = 'P99')],
    ['ports beyond the last', /firstPort/, (d) => (d.fabric.firstPort = 65_001)],
    [
      'a missing name',
      /organisations\.0\.name/,
      (d) => Reflect.deleteProperty(d.organisations[0], 'name'),
    ],
    ['an unknown entry', /organisations\.0/, (d) => Object.assign(d.organisations[0], { x: 1 })],
  ];
  for (const [what, where, edit] of wrong) {
    it(`START_FAILED: ${what}`, () => {
      expect(change(edit)).to.throw(where).with.property('code', 'START_FAILED');
    });
  }

  it('START_FAILED: no JSON, no file', () => {
    expect(() => read(TEXT.slice(0, 100))).to.throw('START_FAILED');
    expect(() => readConsortium(pathToFileURL(join(folder, 'nowhere.json')))).to.throw(
      'START_FAILED',
    );
  });
});
