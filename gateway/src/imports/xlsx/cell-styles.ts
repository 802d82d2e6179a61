// SPDX-License-Identifier: Apache-2.0
// What a cell's style makes of its number (ECMA-376 part 1, §18.8.30): a day, the number as it stands, or something
// that people see otherwise than it is stored.
import type { OpenZip } from './open-zip.ts';
import { readXml } from './parse-xml.ts';

/** How a number is to be read. */
export type NumberKind = 'plain' | 'day' | 'other';

/** General, 0 and text. */
const PLAIN = new Set([0, 1, 49]);
/** Days, with and without a time, of the standard and of Chinese Excel. */
const DAYS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);

/** The kind of each style, by its number. */
export async function readCellStyles(
  zip: OpenZip,
  part: string | undefined,
): Promise<readonly NumberKind[]> {
  const kinds: NumberKind[] = [];
  if (part === undefined || !zip.has(part)) return kinds;
  const formats = new Map<number, string>();
  let inCells = false;
  await readXml(zip.read(part), {
    open(name, attributes) {
      if (name === 'numFmt') {
        formats.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      } else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) {
        kinds.push(kindOf(Number(attributes['numFmtId'] ?? 0), formats));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return kinds;
}

function kindOf(id: number, formats: ReadonlyMap<number, string>): NumberKind {
  const format = formats.get(id);
  if (format === undefined) return PLAIN.has(id) ? 'plain' : DAYS.has(id) ? 'day' : 'other';
  if (/^(?:general|0|@)$/i.test(format)) return 'plain';
  const bare = format.replace(/"[^"]*"|\\.|\[[^\]]*\]|[_*]./g, '');
  return /[yde]/i.test(bare) && !/general|0|#/i.test(bare) ? 'day' : 'other';
}
