// SPDX-License-Identifier: Apache-2.0
// The rows of a sheet as they stream by (ECMA-376 part 1, §18.3.1). Nothing of a row stays behind it.
import { MAX_ROW_CHARACTERS } from '../import-row.ts';
import type { NumberKind } from './cell-styles.ts';
import { cellText } from './cell-text.ts';
import { malformed } from './open-zip.ts';
import { parseXml } from './parse-xml.ts';
import { createRichText } from './shared-strings.ts';

/** A row: the text of each cell from the first column on, undefined for one that cannot be relied on. */
export interface SheetRow {
  readonly line: number;
  readonly cells: readonly (string | undefined)[];
  readonly isTooLong: boolean;
}

/** What cells refer to. */
export interface SheetContext {
  readonly strings: readonly string[];
  readonly styles: readonly NumberKind[];
  readonly from1904: boolean;
}

/** XFD. */
const MAX_COLUMNS = 16_384;
const MAX_ROWS = 1_048_576;

/** Rows in their order. @throws IMPORT_MALFORMED */
export async function* readSheet(
  bytes: AsyncIterable<Uint8Array>,
  context: SheetContext,
): AsyncIterable<SheetRow> {
  const done: SheetRow[] = [];
  const handler = rowsHandler(context, done);
  for await (const rows of parseXml(bytes, handler, () => done.splice(0))) yield* rows;
}

function rowsHandler({ strings, styles, from1904 }: SheetContext, done: SheetRow[]) {
  const inline = createRichText();
  let line = 0;
  let cells: (string | undefined)[] = [];
  let characters = 0;
  let column = -1;
  let type = 'n';
  let kind: NumberKind = 'plain';
  let value = '';
  let inValue = false;

  const openCell = (attributes: Readonly<Record<string, string>>) => {
    const at = attributes['r'] === undefined ? column + 1 : columnOf(attributes['r']);
    if (at <= column || at >= MAX_COLUMNS) throw malformed();
    column = at;
    type = attributes['t'] ?? 'n';
    kind = styles[Number(attributes['s'] ?? 0)] ?? 'plain';
    value = '';
  };
  const closeCell = () => {
    const text = cellText({ type, value, inline: inline.take(), kind }, strings, from1904);
    if (text === '') return;
    while (cells.length < column) cells.push('');
    characters += text?.length ?? 0;
    cells.push(characters > MAX_ROW_CHARACTERS ? 'x' : text);
  };
  return {
    open(name: string, attributes: Readonly<Record<string, string>>) {
      if (name === 'row') {
        const at = attributes['r'] === undefined ? line + 1 : Number(attributes['r']);
        if (!(at > line && at <= MAX_ROWS)) throw malformed();
        line = at;
        cells = [];
        characters = 0;
        column = -1;
      } else if (name === 'c') openCell(attributes);
      else if (name === 'v') inValue = true;
      else inline.open(name);
    },
    text(text: string) {
      if (inValue) value += text;
      else inline.text(text);
    },
    close(name: string) {
      if (name === 'row') done.push({ line, cells, isTooLong: characters > MAX_ROW_CHARACTERS });
      else if (name === 'c') closeCell();
      else if (name === 'v') inValue = false;
      else inline.close(name);
    },
  };
}

/** `C7` is column 2. */
function columnOf(reference: string): number {
  const letters = /^([A-Z]{1,3})\d{1,7}$/.exec(reference)?.[1];
  if (letters === undefined) throw malformed();
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
