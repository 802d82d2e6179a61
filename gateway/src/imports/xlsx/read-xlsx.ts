// SPDX-License-Identifier: Apache-2.0
// Rows of a workbook's first visible sheet: values only, the header in the first row that has anything. Formulas are
// not computed and links are not followed.
import { checkHeader } from '../check-header.ts';
import type { ImportColumns } from '../check-header.ts';
import { MAX_ROW_CHARACTERS } from '../import-row.ts';
import type { CellFault, ImportRow } from '../import-row.ts';
import { readCellStyles } from './cell-styles.ts';
import { openZip } from './open-zip.ts';
import type { RandomAccess } from './open-zip.ts';
import { readSheet } from './read-sheet.ts';
import type { SheetRow } from './read-sheet.ts';
import { readSharedStrings } from './shared-strings.ts';
import { findSheet } from './workbook.ts';

/** Rows of an XLSX file. @throws IMPORT_MALFORMED, IMPORT_TOO_LARGE, IMPORT_COLUMNS */
export async function* readXlsx(
  source: RandomAccess,
  columns: ImportColumns,
): AsyncIterable<ImportRow> {
  const zip = await openZip(source);
  const parts = await findSheet(zip);
  const context = {
    strings: await readSharedStrings(zip, parts.strings),
    styles: await readCellStyles(zip, parts.styles),
    from1904: parts.from1904,
  };
  let header: readonly string[] | undefined;
  for await (const row of readSheet(zip.read(parts.sheet), context)) {
    if (row.cells.every((cell) => cell === '')) continue;
    if (header === undefined) header = checkHeader(headerOf(row), columns);
    else yield rowOf(header, row);
  }
  if (header === undefined) checkHeader([], columns);
}

/** Empty cells behind the last name are no columns. */
function headerOf({ cells }: SheetRow): readonly string[] {
  const names = cells.map((cell) => cell ?? '');
  return names.slice(0, names.findLastIndex((name) => name.trim() !== '') + 1);
}

function rowOf(header: readonly string[], { line, cells, isTooLong }: SheetRow): ImportRow {
  if (isTooLong) return { line, reason: 'too-long' };
  if (cells.slice(header.length).some((cell) => cell !== '')) return { line, reason: 'columns' };
  const faults: CellFault[] = header
    .filter((_, i) => i < cells.length && cells[i] === undefined)
    .map((slot) => ({ slot, reason: 'number-format' }));
  if (faults.length > 0) return { line, faults };
  const fields = Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']));
  const characters = cells.reduce((sum, cell) => sum + (cell?.length ?? 0), 0);
  return characters > MAX_ROW_CHARACTERS ? { line, reason: 'too-long' } : { line, fields };
}
