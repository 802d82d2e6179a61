// SPDX-License-Identifier: Apache-2.0
// Where licences and copies are found again: by id, by number, by subject, by place. Index keys are keyed hashes,
// so that the names of things in the store tell nothing.
import { toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { list, nullable, text } from '@zhenglian/core/shape';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Vault } from '../store/vault.ts';
import { copyKey, decodeCopyRecord } from './copy-record.ts';
import type { CopyRecord } from './copy-record.ts';
import { decodeLicence, licenceKey } from './licence-record.ts';
import type { LicenceRecord } from './licence-record.ts';

/** The living licence of a subject: its id, and the import that brought it. */
export interface Living {
  readonly licence: string;
  readonly job: string | null;
}

/** Reading side of the store. */
export interface Archive {
  /** @throws LICENCE_UNKNOWN */
  licence(id: string): Promise<LicenceRecord>;
  copies(licence: string): Promise<readonly CopyRecord[]>;
  copy(licence: string, id: string): Promise<CopyRecord | undefined>;
  copyAt(kid: Uint8Array, epoch: number, index: number): Promise<CopyRecord | undefined>;
  byNumber(number: string): Promise<readonly LicenceRecord[]>;
  bySubject(subject: string): Promise<readonly LicenceRecord[]>;
  living(subject: string): Promise<Living | undefined>;
  /** The index entries of a licence, but for who is living. */
  index(licence: LicenceRecord): readonly TableChange[];
  /** Makes a licence the living one of its subject, or none. */
  setLiving(subject: string, living: Living | undefined): TableChange;
  setPlace(copy: CopyRecord): readonly TableChange[];
}

const pair = list(nullable(text(64)), 2);
const EMPTY = new Uint8Array(0);

/** The archive of a store. */
export function createArchive(store: Table, vault: Vault): Archive {
  const numberPrefix = (number: string) => `number/${vault.index('number', number)}/`;
  const load = async (id: string) => {
    const stored = await store.get(licenceKey(id));
    if (stored === undefined) throw gatewayError('LICENCE_UNKNOWN', 'there is no such licence');
    return decodeLicence(stored);
  };
  const listed = async (prefix: string) => {
    const found: LicenceRecord[] = [];
    for await (const { key } of store.range({ prefix, limit: 100 })) {
      found.push(await load(key.slice(prefix.length)));
    }
    return found;
  };
  const copy = async (licence: string, id: string) => {
    const stored = await store.get(copyKey(licence, id));
    return stored === undefined ? undefined : decodeCopyRecord(stored);
  };
  return {
    licence: load,
    copy,
    async copies(licence) {
      const found: CopyRecord[] = [];
      for await (const { value } of store.range({ prefix: copyKey(licence, '') })) {
        found.push(decodeCopyRecord(value));
      }
      return found;
    },
    async copyAt(kid, epoch, index) {
      const stored = await store.get(placeKey(kid, epoch, index));
      if (stored === undefined) return undefined;
      const [licence, id] = pair(decodeCbor(stored), 'place');
      return copy(licence ?? '', id ?? '');
    },
    byNumber: (number) => listed(numberPrefix(number)),
    bySubject: (subject) => listed(subjectPrefix(subject)),
    async living(subject) {
      const stored = await store.get(livingKey(subject));
      if (stored === undefined) return undefined;
      const [licence, job] = pair(decodeCbor(stored), 'living');
      return { licence: licence ?? '', job: job ?? null };
    },
    index: ({ id, number, subject }) => [
      { key: numberPrefix(number) + id, value: EMPTY },
      { key: subjectPrefix(subject) + id, value: EMPTY },
    ],
    setLiving: (subject, living) =>
      living === undefined
        ? { key: livingKey(subject) }
        : { key: livingKey(subject), value: encodeCbor([living.licence, living.job]) },
    setPlace: ({ place, licence, id }) =>
      place === undefined
        ? []
        : [
            {
              key: placeKey(place.kid, place.epoch, place.index),
              value: encodeCbor([licence, id]),
            },
          ],
  };
}

function subjectPrefix(subject: string): string {
  return `subject/${subject}/`;
}

function livingKey(subject: string): string {
  return `living/${subject}`;
}

function placeKey(kid: Uint8Array, epoch: number, index: number): string {
  return `place/${toHex(kid)}/${String(epoch)}/${String(index)}`;
}
