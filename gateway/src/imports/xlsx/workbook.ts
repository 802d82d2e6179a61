// SPDX-License-Identifier: Apache-2.0
// Where the first visible sheet of a workbook is, and what its cells refer to (ECMA-376 part 1, §12 and §18.2).
import { malformed } from './open-zip.ts';
import type { OpenZip } from './open-zip.ts';
import { readXml } from './parse-xml.ts';

/** The parts that make up one sheet. */
export interface SheetParts {
  readonly sheet: string;
  readonly styles?: string;
  readonly strings?: string;
  /** Days count from 1904 instead of 1900. */
  readonly from1904: boolean;
}

const WORKBOOK = 'xl/workbook.xml';

/** Finds the first visible sheet. @throws IMPORT_MALFORMED */
export async function findSheet(zip: OpenZip): Promise<SheetParts> {
  const targets = await readRelations(zip);
  let sheet: string | undefined;
  let from1904 = false;
  await readXml(zip.read(WORKBOOK), {
    open(name, attributes) {
      if (name === 'workbookPr') from1904 = isTrue(attributes['date1904']);
      if (name !== 'sheet' || sheet !== undefined) return;
      if ((attributes['state'] ?? 'visible') !== 'visible') return;
      const relation = Object.entries(attributes).find(([key]) => /(^|:)id$/.test(key))?.[1];
      sheet = targets.byId.get(relation ?? '');
    },
  });
  if (sheet === undefined) throw malformed();
  const styles = targets.byKind.get('styles');
  const strings = targets.byKind.get('sharedStrings');
  return {
    sheet,
    from1904,
    ...(styles === undefined ? {} : { styles }),
    ...(strings === undefined ? {} : { strings }),
  };
}

/** Whether an attribute of XML Schema's boolean says yes. */
export function isTrue(text: string | undefined): boolean {
  return text === '1' || text === 'true';
}

async function readRelations(zip: OpenZip) {
  const byId = new Map<string, string>();
  const byKind = new Map<string, string>();
  await readXml(zip.read('xl/_rels/workbook.xml.rels'), {
    open(name, { Id, Type, Target, TargetMode }) {
      if (name !== 'Relationship' || Target === undefined || TargetMode === 'External') return;
      const path = Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`;
      byId.set(Id ?? '', path);
      byKind.set(Type?.split('/').at(-1) ?? '', path);
    },
  });
  return { byId, byKind };
}
