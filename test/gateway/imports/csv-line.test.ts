// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine } from '../../../gateway/src/imports/results-csv.ts';
import { beginPace, keepPace, tellPace } from '../../../gateway/src/imports/pace.ts';

describe('gateway: a line of results', () => {
  it('comes back as it was, and is no formula', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(texts, (cells) => {
        const rows: string[][] = parse(csvLine(cells));
        const [read = []] = rows;
        expect(read.map((text, i) => (text === cells[i] ? text : text.slice(1)))).to.deep.equal(
          cells,
        );
        for (const text of read) expect(text).to.not.match(/^\s*[=+\-@＝＋－＠]/);
      }),
    );
    expect(csvLine(['=1+1', '+1', '-1', '@a', '\ta', ' =1', '＝1'])).to.equal(
      "'=1+1,'+1,'-1,'@a,'\ta,' =1,'＝1\r\n",
    );
  });
});

describe('gateway: pace of an import', () => {
  it('tells the rate of the last half minute and what is left at that', () => {
    let pace = beginPace(1000, 0);
    expect(tellPace(pace, 1000, 0, 900)).to.deep.equal({ rate: null, secondsLeft: null });
    expect(tellPace(pace, 1010, 500, 1000)).to.deep.equal({ rate: 50, secondsLeft: 10 });
    for (let at = 1001; at <= 1060; at += 1) pace = keepPace(pace, at, (at - 1000) * 10);
    expect(tellPace(pace, 1060, 600, 1200)).to.deep.equal({ rate: 10, secondsLeft: 60 });
    expect(pace.older.at).to.be.at.least(1025);
    // Nothing goes on: the rate sinks.
    expect(tellPace(pace, 1600, 600, 1200).rate).to.equal(0);
    expect(tellPace(undefined, 1, 1, 1)).to.deep.equal({ rate: null, secondsLeft: null });
  });
});
