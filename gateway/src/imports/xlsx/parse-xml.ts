// SPDX-License-Identifier: Apache-2.0
// The XML of a workbook's parts, as events; the only place that knows the library. No document type, so no entities
// but the five of XML; nothing that is open without end.
import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { CodedError } from '@zhenglian/core/errors';
import { malformed } from './open-zip.ts';

/** What is told of a part; names come without their prefix. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

const MAX_DEPTH = 64;
/** Characters between two events at most: a cell holds 32,767. */
const MAX_SILENCE = 1 << 20;

/** Parses a part; after each piece of it gives what `take` has from it. @throws IMPORT_MALFORMED */
export async function* parseXml<T>(
  bytes: AsyncIterable<Uint8Array>,
  handler: XmlHandler,
  take: () => T,
): AsyncIterable<T> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const parser = new SaxesParser({ fragment: false });
  let depth = 0;
  let heardAt = 0;
  let read = 0;
  parser.on('error', (cause) => {
    throw malformed(cause);
  });
  parser.on('doctype', () => {
    throw malformed();
  });
  parser.on('opentag', ({ name, attributes }) => {
    heardAt = read;
    depth += 1;
    if (depth > MAX_DEPTH) throw malformed();
    handler.open(local(name), textsOf(attributes));
  });
  parser.on('closetag', ({ name }) => {
    heardAt = read;
    depth -= 1;
    handler.close?.(local(name));
  });
  parser.on('text', (text) => handler.text?.(text));
  parser.on('cdata', (text) => handler.text?.(text));
  try {
    for await (const chunk of bytes) {
      const text = decoder.decode(chunk, { stream: true });
      read += text.length;
      parser.write(text);
      if (read - heardAt > MAX_SILENCE) throw malformed();
      yield take();
    }
    decoder.decode();
    parser.close();
  } catch (cause) {
    throw cause instanceof CodedError ? cause : malformed(cause);
  }
  yield take();
}

/** Parses a small part to its end. @throws IMPORT_MALFORMED */
export async function readXml(
  bytes: AsyncIterable<Uint8Array>,
  handler: XmlHandler,
): Promise<void> {
  const parsing = parseXml(bytes, handler, () => undefined)[Symbol.asyncIterator]();
  while ((await parsing.next()).done !== true);
}

function textsOf(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : '',
    ]),
  );
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
