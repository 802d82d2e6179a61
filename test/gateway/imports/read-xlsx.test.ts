// SPDX-License-Identifier: Apache-2.0
import { expect } from 'chai';
import fc from 'fast-check';
import { formatDay } from '@zhenglian/core/days';
import { isCodedError } from '@zhenglian/core/errors';
import { readXlsx } from '../../../gateway/src/imports/xlsx/read-xlsx.ts';
import { styleOf, xlsxOf, xlsxOfCells } from '../../support/xlsx-file.ts';
import { zipOf } from '../../support/zip-file.ts';
import { rowsOf, sourceOf } from './pieces.ts';

const COLUMNS = { known: new Set(['a', 'b']), required: ['a'] };
const HEADER = [text('a'), text('b')];
type Options = Parameters<typeof xlsxOfCells>[1];

describe('gateway: reading a workbook', () => {
  const read = (bytes: Uint8Array) => rowsOf(readXlsx(sourceOf(bytes), COLUMNS));
  const cellOf = async (cell: string, options?: Options) => {
    const [row] = await read(xlsxOfCells([HEADER, [cell, text('x')]], options));
    return row?.fields?.['a'] ?? row?.faults;
  };
  const fault = [{ slot: 'a', reason: 'number-format' }];

  it('keeps long numbers that are text, and reports those that are numbers', async () => {
    expect(await cellOf(text('110101199003074514'))).to.equal('110101199003074514');
    expect(await cellOf(number('1.10101199003074E+17'))).to.deep.equal(fault);
    expect(await cellOf(number('110101199003074000'))).to.deep.equal(fault);
    expect(await cellOf(number('123456789012345'))).to.equal('123456789012345');
    expect(await cellOf(number('1234567890123456'))).to.deep.equal(fault);
    expect(await cellOf(number('1.5'))).to.equal('1.5');
    expect(await cellOf(number('1.1000000000000001'))).to.deep.equal(fault);
    expect(await cellOf(number('1234', 'money'))).to.deep.equal(fault);
    expect(await cellOf(number('1234', 'text'))).to.equal('1234');
    expect(await cellOf(number('7', 'own'), { ownFormat: '000000' })).to.deep.equal(fault);
  });

  it('reads days of both calendars, and no times', async () => {
    expect(await cellOf(number('1', 'day'))).to.equal('1900-01-01');
    expect(await cellOf(number('59', 'day'))).to.equal('1900-02-28');
    expect(await cellOf(number('60', 'day'))).to.deep.equal(fault);
    expect(await cellOf(number('61', 'day'))).to.equal('1900-03-01');
    expect(await cellOf(number('46053', 'day'))).to.equal('2026-01-31');
    expect(await cellOf(number('46053', 'own'))).to.equal('2026-01-31');
    expect(await cellOf(number('44591', 'day'), { date1904: true })).to.equal('2026-01-31');
    expect(await cellOf(number('46053.5', 'day'))).to.deep.equal(fault);
    expect(await cellOf(number('46053', 'own'), { ownFormat: '[h]:mm' })).to.deep.equal(fault);
    expect(await cellOf('<c t="d"><v>2026-01-31</v></c>')).to.equal('2026-01-31');
    expect(await cellOf('<c t="d"><v>2026-02-31</v></c>')).to.deep.equal(fault);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 61, max: 2_958_465 }), async (serial) => {
        const cell = await cellOf(number(String(serial), 'day'));
        expect(cell).to.equal(formatDay(serial - 25_569));
      }),
      { numRuns: 30 },
    );
  });

  it('takes values, never formulas', async () => {
    expect(await cellOf('<c t="str"><f>CONCAT("x")</f><v>cached</v></c>')).to.equal('cached');
    expect(await cellOf('<c><f>1+1</f></c>')).to.equal('');
    expect(await cellOf('<c t="e"><v>#REF!</v></c>')).to.deep.equal(fault);
    expect(await cellOf('<c t="b"><v>1</v></c>')).to.deep.equal(fault);
    expect(await cellOf('<c t="s"><v>99</v></c>')).to.deep.equal(fault);
    const rich = '<si><r><t>张</t></r><rPh><t>zhang</t></rPh><r><t>三</t></r></si>';
    expect(await cellOf('<c t="s"><v>0</v></c>', { shared: [rich] })).to.equal('张三');
  });

  it('knows gaps, empty lines, surplus cells and rows that are too long', async () => {
    const rows = await read(
      xlsxOfCells([
        [],
        HEADER,
        ['<c r="B3" t="str"><v>only b</v></c>'],
        [],
        [text('a'), text('b'), text('c')],
        [text('x'.repeat(300_000)), text('y')],
      ]),
    );
    expect(rows).to.deep.equal([
      { line: 3, fields: { a: '', b: 'only b' } },
      { line: 5, reason: 'columns' },
      { line: 6, reason: 'too-long' },
    ]);
  });

  it('refuses columns that do not fit, and a book without any', async () => {
    expect(await codeOf(read(xlsxOf([['b', 'c']])))).to.equal('IMPORT_COLUMNS');
    expect(await codeOf(read(xlsxOf([])))).to.equal('IMPORT_COLUMNS');
  });

  it('refuses what is no workbook, or is one that would hurt', async () => {
    const lying = (content: string) =>
      xlsxOfCells([], {
        others: [{ name: 'xl/worksheets/sheet1.xml', content, claimedBytes: 10 }],
      });
    const other = (content: string) =>
      xlsxOfCells([], { others: [{ name: 'xl/worksheets/sheet1.xml', content }] });
    const cases: readonly (readonly [string, Uint8Array, string])[] = [
      ['a text', Buffer.from('a,b\n1,2\n'), 'IMPORT_MALFORMED'],
      ['an old or locked book', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'IMPORT_MALFORMED'],
      ['a ZIP of something else', zipOf([{ name: 'a.txt', content: 'a' }]), 'IMPORT_MALFORMED'],
      ['half a book', xlsxOf([['a', 'b']]).subarray(0, 300), 'IMPORT_MALFORMED'],
      ['a bomb', other(`<worksheet>${' '.repeat(20 << 20)}</worksheet>`), 'IMPORT_TOO_LARGE'],
      [
        'a bomb that lies',
        lying(`<worksheet>${' '.repeat(2 << 20)}</worksheet>`),
        'IMPORT_MALFORMED',
      ],
      [
        'entities',
        other('<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
        'IMPORT_MALFORMED',
      ],
      ['a deep tree', other('<a>'.repeat(100)), 'IMPORT_MALFORMED'],
      ['rows that run back', other('<w><row r="5"/><row r="4"/></w>'), 'IMPORT_MALFORMED'],
      [
        'columns that run back',
        other('<w><row><c r="B1"/><c r="A1"/></row></w>'),
        'IMPORT_MALFORMED',
      ],
      ['no XML', other('<worksheet><row></worksheet>'), 'IMPORT_MALFORMED'],
      [
        'no UTF-8',
        xlsxOfCells([], { others: [sheet(Uint8Array.of(0xff, 0xfe))] }),
        'IMPORT_MALFORMED',
      ],
    ];
    for (const [what, bytes, code] of cases) {
      expect(await codeOf(read(bytes)), what).to.equal(code);
    }
  });

  it('never breaks on bytes that were changed', async () => {
    const good = xlsxOf([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const changed = Uint8Array.from(good);
          changed[at] = (changed[at] ?? 0) ^ by;
          const code = await codeOf(read(changed));
          expect(code).to.be.oneOf([
            undefined,
            'IMPORT_MALFORMED',
            'IMPORT_COLUMNS',
            'IMPORT_TOO_LARGE',
          ]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

function text(content: string): string {
  return `<c t="str"><v>${content}</v></c>`;
}

function number(value: string, style: Parameters<typeof styleOf>[0] = 'general'): string {
  return `<c s="${String(styleOf(style))}"><v>${value}</v></c>`;
}

function sheet(content: Uint8Array) {
  return { name: 'xl/worksheets/sheet1.xml', content };
}

/** The code of what went wrong; what has none is thrown on. */
async function codeOf(reading: Promise<unknown>): Promise<string | undefined> {
  try {
    await reading;
    return undefined;
  } catch (error) {
    if (!isCodedError<string>(error)) throw error;
    return error.code;
  }
}
