// SPDX-License-Identifier: Apache-2.0
// Bytes of an uploaded file as text: UTF-8 with or without BOM, or GB 18030, which Chinese spreadsheets write.
// What comes before the first character beyond ASCII is the same in both; that character and what follows decide.
import { TextDecoder } from 'node:util';
import { gatewayError } from '../problem-codes.ts';

export type TextCharset = 'utf-8' | 'gb18030';

const SAMPLE_BYTES = 8192;

/** Decodes a stream; without a charset it is detected. A byte order mark is left out. @throws IMPORT_ENCODING */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  charset?: TextCharset,
): AsyncIterable<string> {
  let isFirst = true;
  for await (const text of decodeAll(chunks, charset)) {
    if (text === '') continue;
    yield isFirst && text.startsWith('\ufeff') ? text.slice(1) : text;
    isFirst = false;
  }
}

async function* decodeAll(
  chunks: AsyncIterable<Uint8Array>,
  charset?: TextCharset,
): AsyncIterable<string> {
  let decoder = charset === undefined ? undefined : decoderOf(charset);
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (decoder !== undefined) {
      yield decode(decoder, chunk);
      continue;
    }
    held = Buffer.concat([held, chunk]);
    const firstHigh = held.findIndex((byte) => byte >= 0x80);
    if (firstHigh < 0) {
      yield held.toString('latin1');
      held = Buffer.alloc(0);
    } else if (held.length - firstHigh >= SAMPLE_BYTES) {
      decoder = decoderOf(detect(held, true));
      yield decode(decoder, held);
      held = Buffer.alloc(0);
    }
  }
  decoder ??= decoderOf(detect(held, false));
  yield finish(decoder, held);
}

function detect(sample: Uint8Array, isCut: boolean): TextCharset {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: isCut });
    return 'utf-8';
  } catch {
    return 'gb18030';
  }
}

function decoderOf(charset: TextCharset): TextDecoder {
  return new TextDecoder(charset, { fatal: true });
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch (cause) {
    throw gatewayError('IMPORT_ENCODING', 'the file is neither UTF-8 nor GB 18030', { cause });
  }
}

function finish(decoder: TextDecoder, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw gatewayError('IMPORT_ENCODING', 'the file is neither UTF-8 nor GB 18030', { cause });
  }
}
