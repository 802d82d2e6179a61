// SPDX-License-Identifier: Apache-2.0
// Deletes the rows of files that were never accepted: what this gateway was receiving when it was killed, and what
// nobody can be receiving any more.
import { decodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { importKey } from './import-keys.ts';
import { deleteReceived } from './receive-import.ts';
import type { ReceiveParts } from './receive-import.ts';

const GIVEN_UP_SECONDS = 86_400;

/** At the start everything of this gateway is given up; later only what is a day old. */
export async function discardUnaccepted(
  { store, clock, instance }: ReceiveParts,
  when: 'start' | 'later',
): Promise<void> {
  const prefix = importKey.receivings();
  for await (const { key, value } of store.range({ prefix })) {
    const [whose, at] = readMark(value);
    const isOurs = when === 'start' && whose === instance;
    if (isOurs || at < clock() - GIVEN_UP_SECONDS) {
      await deleteReceived(store, key.slice(prefix.length));
    }
  }
}

function readMark(value: Uint8Array): readonly [string, number] {
  try {
    const mark: unknown = decodeCbor(value);
    const parts: readonly unknown[] = Array.isArray(mark) ? mark : [];
    const [whose, at] = parts;
    return [typeof whose === 'string' ? whose : '', typeof at === 'number' ? at : 0];
  } catch (cause) {
    if (!isCodedError<string>(cause)) throw cause;
    return ['', 0];
  }
}
