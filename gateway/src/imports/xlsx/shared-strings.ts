// SPDX-License-Identifier: Apache-2.0
// The texts that cells refer to by number. They must all be at hand, so there is an end to them.
import { gatewayError } from '../../problem-codes.ts';
import type { OpenZip } from './open-zip.ts';
import { readXml } from './parse-xml.ts';

export const MAX_STRINGS = 2_000_000;
export const MAX_STRING_CHARACTERS = 32 << 20;

/** Reads the shared strings. @throws IMPORT_TOO_LARGE, IMPORT_MALFORMED */
export async function readSharedStrings(
  zip: OpenZip,
  part: string | undefined,
): Promise<readonly string[]> {
  const strings: string[] = [];
  if (part === undefined || !zip.has(part)) return strings;
  const reader = createRichText();
  let characters = 0;
  await readXml(zip.read(part), {
    open: (name) => reader.open(name),
    text: (text) => reader.text(text),
    close(name) {
      reader.close(name);
      if (name !== 'si') return;
      const text = reader.take();
      characters += text.length;
      strings.push(text);
      if (strings.length > MAX_STRINGS || characters > MAX_STRING_CHARACTERS) {
        throw gatewayError(
          'IMPORT_TOO_LARGE',
          'too many texts for a workbook: save it as CSV UTF-8',
        );
      }
    },
  });
  return strings;
}

/** The clear text of runs; what is said of how to pronounce it is left out. */
export interface RichText {
  open(name: string): void;
  text(text: string): void;
  close(name: string): void;
  take(): string;
}

/** Collects the text of one cell or string. */
export function createRichText(): RichText {
  let content = '';
  let inText = false;
  let inPhonetic = false;
  return {
    open(name) {
      if (name === 'rPh') inPhonetic = true;
      else if (name === 't') inText = !inPhonetic;
    },
    text(text) {
      if (inText) content += text;
    },
    close(name) {
      if (name === 'rPh') inPhonetic = false;
      else if (name === 't') inText = false;
    },
    take() {
      const text = unescape(content);
      content = '';
      return text;
    },
  };
}

/** Characters that XML cannot hold are written `_x000D_` (ECMA-376 part 1, §22.9.2.19). */
function unescape(text: string): string {
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
