// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { DRIVING } from '@zhenglian/core/types/driving';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { newJob, phaseOf } from '../../../gateway/src/imports/import-job.ts';
import { storeErrors } from '../../../gateway/src/imports/import-results.ts';
import { csvLine, resultsCsv } from '../../../gateway/src/imports/results-csv.ts';
import { memoryTable } from '../../../gateway/src/replica/memory-table.ts';
import { OPERATIONS } from '../../../gateway/src/schemas/operations.ts';
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

describe('gateway: downloads that spreadsheets open', () => {
  const FORMULA = '=HYPERLINK("https://other.example";"x")';

  it('are the results of an import, and nothing else', () => {
    const paths = OPERATIONS.filter(({ media }) => /csv|sheet|excel/.test(media ?? '')).map(
      ({ path }) => path,
    );
    expect(paths).to.deep.equal(['/v1/imports/:id/results']);
  });

  it('compute nothing, whatever a type and a stored reason say', async () => {
    const label = { zh: FORMULA, en: FORMULA };
    const slots = DRIVING.slots.map((slot) => ({ ...slot, label }));
    const hostile: TypeDefinition = { ...DRIVING, label, slots };
    const told = [
      ...DRIVING.constraints.map(({ slot }) => ({ slot, reason: 'contradicts' })),
      ...['=1+1', '+1', '-1', '@SUM(1)', '\t=1', ' =1', '＝1'].map((reason) => {
        return { slot: reason, reason };
      }),
    ];
    const errors = told.map((each, i) => ({ line: i + 2, ...each }));
    const job = newJob({
      ...{ id: 'a'.repeat(32), type: hostile.code, actor: 'officer-1', at: 1_800_000_000 },
      ...{ state: 'worked', dryRun: false, twoOfficers: false },
    });
    const store = memoryTable();
    await store.write(storeErrors(job.id, phaseOf(job), errors));
    let text = '';
    for await (const piece of resultsCsv(store, job, hostile)) text += piece;
    expect(text).to.include('HYPERLINK');
    const rows: string[][] = parse(text, { bom: true });
    expect(rows).to.have.length(told.length + 1);
    for (const cell of rows.flat()) expect(cell).to.not.match(/^\s*[=+\-@＝＋－＠]/);
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
