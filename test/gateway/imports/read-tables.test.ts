// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import fc from 'fast-check';
import type { ImportColumns } from '../../../gateway/src/imports/check-header.ts';
import { chunksOf, decodeChunk, storeChunk } from '../../../gateway/src/imports/import-chunks.ts';
import { ROW_REASONS } from '../../../gateway/src/imports/import-row.ts';
import { decodeText } from '../../../gateway/src/imports/decode-text.ts';
import type { ImportRow } from '../../../gateway/src/imports/import-row.ts';
import { readCsv, readNdjson } from '../../../gateway/src/imports/read-rows.ts';
import { readXlsx } from '../../../gateway/src/imports/xlsx/read-xlsx.ts';
import { encodeCsv } from '../../../scripts/samples.ts';
import { xlsxOf } from '../../support/xlsx-file.ts';
import { inPieces, rowsOf, sourceOf } from './pieces.ts';

const NAMES = ['name', 'idNumber', 'note'];
const COLUMNS: ImportColumns = { known: new Set(NAMES), required: ['name', 'idNumber'] };

/** What people write, and what breaks readers. */
const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '张三丰',
    '110101199003074514',
    '=1+1',
    '"',
    ',',
    'a\nb',
    'a\r\nb',
    '_x0041_',
    '𠮷',
  ),
);
const table = fc.array(
  fc.tuple(
    cell.map((text) => `n${text}`),
    cell,
    cell,
  ),
  { maxLength: 12 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

describe('gateway: reading tables', () => {
  it('gives the same rows for the same table in every format, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(table, cuts, fc.boolean(), async (rows, sizes, marked) => {
        const objects = rows.map((row) => fieldsOf(row));
        const mark = marked ? '\ufeff' : '';
        const csv = Buffer.from(mark + encodeCsv(NAMES.join(','), objects));
        const lines = Buffer.from(mark + objects.map((o) => `${JSON.stringify(o)}\n`).join(''));
        const fromCsv = await rowsOf(readCsv(decodeText(inPieces(csv, sizes)), COLUMNS));
        const fromLines = await rowsOf(readNdjson(decodeText(inPieces(lines, sizes))));
        const book = sourceOf(xlsxOf([NAMES, ...rows]), sizes);
        const fromBook = await rowsOf(readXlsx(book, COLUMNS));
        expect(fromCsv.map(({ fields }) => fields)).to.deep.equal(objects);
        expect(fromLines.map(({ fields }) => fields)).to.deep.equal(objects);
        expect(fromBook.map(({ fields }) => fields)).to.deep.equal(objects);
        expect(fromBook.map(({ line }) => line)).to.deep.equal(rows.map((_, i) => i + 2));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same rows however they are put into chunks', async () => {
    const row = fc.record({
      line: fc.nat(1000),
      fields: fc.record({ name: fc.string({ maxLength: 30 }) }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 2600 }), async (rows) => {
        const chunks: (readonly ImportRow[])[] = [];
        for await (const chunk of chunksOf(inOrder(rows))) chunks.push(chunk);
        expect(chunks.flat()).to.deep.equal(rows);
        expect(chunks.every((chunk) => chunk.length > 0 && chunk.length <= 1000)).to.equal(true);
      }),
      { numRuns: 20 },
    );
    const large = { line: 1, fields: { name: 'x'.repeat(600_000) } };
    const sizes: number[] = [];
    for await (const chunk of chunksOf(inOrder([large, large, large]))) sizes.push(chunk.length);
    expect(sizes).to.deep.equal([2, 1]);
  });

  it('reads stored rows back as they were, whatever fields each has', async () => {
    const row = fc.record(
      {
        line: fc.nat(99_999_999),
        fields: fc.dictionary(fc.constantFrom('name', 'sex', '__proto__x'), fc.string()),
        reason: fc.constantFrom(...ROW_REASONS),
        faults: fc.array(
          fc.record({ slot: fc.constant('a'), reason: fc.constant('number-format') }),
        ),
      },
      { requiredKeys: ['line'], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), (rows) => {
        const { value = new Uint8Array() } = storeChunk('a'.repeat(32), 0, rows);
        expect(decodeChunk(value)).to.deep.equal(rows);
        return Promise.resolve();
      }),
      { numRuns: 100 },
    );
  });

  it('takes a byte order mark off GB 18030 too', async () => {
    const mark = Uint8Array.of(0x84, 0x31, 0x95, 0x33);
    const bytes = Buffer.concat([
      mark,
      Buffer.from('{"name":"'),
      Uint8Array.of(0xd5, 0xc5),
      Buffer.from('"}'),
    ]);
    const [row] = await rowsOf(readNdjson(decodeText(inPieces(bytes, [3]))));
    expect(row?.fields).to.deep.equal({ name: '张' });
  });

  it('stops reading a file whose reader goes away', async () => {
    let isEnded = false;
    const endless = async function* () {
      try {
        yield 'name,idNumber,note\n';
        for (;;) yield 'a,b,c\n';
      } finally {
        isEnded = true;
      }
    };
    for await (const row of readCsv(endless(), COLUMNS)) {
      expect(row.fields).to.deep.equal({ name: 'a', idNumber: 'b', note: 'c' });
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(isEnded).to.equal(true);
  });
});

function fieldsOf(row: readonly string[]): Record<string, string> {
  return Object.fromEntries(NAMES.map((name, i) => [name, row[i] ?? '']));
}

async function* inOrder(rows: readonly ImportRow[]): AsyncIterable<ImportRow> {
  for (const row of rows) yield await Promise.resolve(row);
}
