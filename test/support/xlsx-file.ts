// SPDX-License-Identifier: Apache-2.0
// Workbooks for tests, as ECMA-376 has them: text cells shared or inline, or the XML of cells as a test wants it.
import { zipOf } from './zip-file.ts';
import type { ZipPart } from './zip-file.ts';

export const NUMBER_FORMATS = { general: 0, whole: 1, day: 14, text: 49, money: 4, own: 164 };
const STYLES = Object.values(NUMBER_FORMATS);

/** The number of the cell style with a format of `NUMBER_FORMATS`. */
export function styleOf(format: keyof typeof NUMBER_FORMATS): number {
  return STYLES.indexOf(NUMBER_FORMATS[format]);
}

/** A workbook of text cells: of every other row the texts are shared. */
export function xlsxOf(rows: readonly (readonly string[])[]): Buffer {
  const shared: string[] = [];
  const lines = rows.map((cells, r) =>
    cells.map((text) => {
      if (r % 2 === 0)
        return `<c t="inlineStr"><is><t xml:space="preserve">${xml(text)}</t></is></c>`;
      shared.push(`<si><t xml:space="preserve">${xml(text)}</t></si>`);
      return `<c t="s"><v>${String(shared.length - 1)}</v></c>`;
    }),
  );
  return xlsxOfCells(lines, { shared });
}

/** A workbook whose cells are given as XML, without their references. */
export function xlsxOfCells(
  rows: readonly (readonly string[])[],
  options: {
    readonly shared?: readonly string[];
    readonly date1904?: boolean;
    readonly ownFormat?: string;
    readonly others?: readonly ZipPart[];
  } = {},
): Buffer {
  const { shared = [], date1904 = false, ownFormat = 'yyyy"年"m"月"d"日"', others = [] } = options;
  const lines = rows.map((cells, i) => `<row r="${String(i + 1)}">${cells.join('')}</row>`);
  const styles = STYLES.map((id) => `<xf numFmtId="${String(id)}"/>`).join('');
  return zipOf([
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns:r="r"><workbookPr date1904="${date1904 ? '1' : '0'}"/><sheets>
        <sheet name="hidden" state="hidden" r:id="rId9"/><sheet name="a" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `<Relationships>${relation('rId1', 'worksheet', 'worksheets/sheet1.xml')}${relation(
        'rId2',
        'styles',
        'styles.xml',
      )}${relation('rId3', 'sharedStrings', '/xl/sharedStrings.xml')}</Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      content: `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="${xml(ownFormat)}"/></numFmts>
        <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles}</cellXfs></styleSheet>`,
    },
    { name: 'xl/sharedStrings.xml', content: `<sst>${shared.join('')}</sst>` },
    {
      name: 'xl/worksheets/sheet1.xml',
      content: `<worksheet><sheetData>${lines.join('')}</sheetData></worksheet>`,
    },
    ...others,
  ]);
}

/** Text of XML; what XML cannot hold, and what looks like its escape, is escaped as ECMA-376 says. */
function xml(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\0-\x08\x0b-\x1f\ufffe\uffff]/g, (c) => {
      const code = c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      return `_x${code}_`;
    })
    .replace(/[&<>"]/g, (c) => `&#${String(c.charCodeAt(0))};`);
}

function relation(id: string, kind: string, target: string): string {
  return `<Relationship Id="${id}" Type="http://x/relationships/${kind}" Target="${target}"/>`;
}
