// SPDX-License-Identifier: Apache-2.0
// Where licences and copies are found again: by id, by number, by subject, by place. Index keys are keyed hashes,
// so that the names of things in the store tell nothing.
import { concat, equals, fromHex, toHex } from '@zhenglian/core/bytes';
import { gatewayError } from '../problem-codes.ts';
import type { Table, TableChange } from '../store/table.ts';
import type { Vault } from '../store/vault.ts';
import { copyKey, decodeStoredCopy } from './copy-record.ts';
import type { CopyRecord, StoredCopy } from './copy-record.ts';
import type { Lanes } from './lanes.ts';
import { loadLeaf } from './leaf.ts';
import { attachmentsKey, decodeAttachments, decodeLicence, licenceKey } from './licence-record.ts';
import type { Attachments, LicenceRecord } from './licence-record.ts';

/** The living licence of a subject: its id, and the import that brought it. */
export interface Living {
  readonly licence: string;
  readonly job: string | null;
}

/** Reading side of the store. */
export interface Archive {
  /** @throws LICENCE_UNKNOWN */
  licence(id: string): Promise<LicenceRecord>;
  attachments(licence: string): Promise<Attachments>;
  copies(licence: string): Promise<readonly CopyRecord[]>;
  copy(licence: string, id: string): Promise<CopyRecord | undefined>;
  /** The copy that stands at an index, if the key fits. */
  copyAt(kid: Uint8Array, epoch: number, index: number): Promise<CopyRecord | undefined>;
  byNumber(number: string): Promise<readonly LicenceRecord[]>;
  bySubject(subject: string): Promise<readonly LicenceRecord[]>;
  living(subject: string): Promise<Living | undefined>;
  /** The same of many subjects, in their order: one question. */
  livings(subjects: readonly string[]): Promise<readonly (Living | undefined)[]>;
  /** The index entries of a licence, but for who is living. */
  index(licence: LicenceRecord): readonly TableChange[];
  /** Makes a licence the living one of its subject, or none. */
  setLiving(subject: string, living: Living | undefined): TableChange;
}

const ID_BYTES = 16;
const EMPTY = new Uint8Array(0);

export interface ArchiveParts {
  readonly store: Table;
  readonly vault: Pick<Vault, 'index'>;
  readonly lanes: Pick<Lanes, 'isAnchored'>;
  readonly authorities: readonly { readonly uscc: string }[];
}

/** The archive of a store. */
export function createArchive({ store, vault, lanes, authorities }: ArchiveParts): Archive {
  const numberPrefix = (number: string) => `number/${vault.index('number', number)}/`;
  const load = async (id: string) => {
    const stored = await store.get(licenceKey(id));
    if (stored === undefined) throw gatewayError('LICENCE_UNKNOWN', 'there is no such licence');
    return decodeLicence(id, stored);
  };
  const listed = async (prefix: string) => {
    const found: LicenceRecord[] = [];
    for await (const { key } of store.range({ prefix, limit: 100 })) {
      found.push(await load(key.slice(prefix.length)));
    }
    return found;
  };
  const withStep = async (copy: StoredCopy): Promise<CopyRecord> => {
    if (copy.abandoned) return { ...copy, step: 'abandoned' };
    const isAnchored = await lanes.isAnchored({ ...copy, ...copy.place }, copy.place.index);
    return { ...copy, step: isAnchored ? 'anchored' : 'signed' };
  };
  const copy = async (licence: string, id: string) => {
    const stored = await store.get(copyKey(licence, id));
    return stored === undefined ? undefined : withStep(decodeStoredCopy(licence, id, stored));
  };
  return {
    licence: load,
    copy,
    async attachments(licence) {
      const stored = await store.get(attachmentsKey(licence));
      return stored === undefined ? new Map() : decodeAttachments(stored);
    },
    async copies(licence) {
      const found: CopyRecord[] = [];
      const prefix = copyKey(licence, '');
      for await (const { key, value } of store.range({ prefix })) {
        found.push(await withStep(decodeStoredCopy(licence, key.slice(prefix.length), value)));
      }
      return found;
    },
    async copyAt(kid, epoch, index) {
      for (const { uscc } of authorities) {
        const leaf = await loadLeaf(store, { uscc, epoch }, index);
        if (leaf !== undefined && equals(leaf.kid, kid)) return copy(leaf.licence, leaf.copy);
      }
      return undefined;
    },
    byNumber: (number) => listed(numberPrefix(number)),
    bySubject: (subject) => listed(subjectPrefix(subject)),
    living: (subject) => loadLiving(store, subject),
    livings: async (subjects) => (await store.getMany(subjects.map(livingKey))).map(decodeLiving),
    index: ({ id, number, subject }) => [
      { key: numberPrefix(number) + id, value: EMPTY },
      { key: subjectPrefix(subject) + id, value: EMPTY },
    ],
    setLiving: (subject, living) =>
      living === undefined
        ? { key: livingKey(subject) }
        : { key: livingKey(subject), value: encodeLiving(living) },
  };
}

/** Who is the living licence of a subject. */
export async function loadLiving(store: Table, subject: string): Promise<Living | undefined> {
  return decodeLiving(await store.get(livingKey(subject)));
}

/** Two ids, the second only where an import brought it: nothing to seal. */
function encodeLiving({ licence, job }: Living): Uint8Array {
  return concat(fromHex(licence), fromHex(job ?? ''));
}

function decodeLiving(stored: Uint8Array | undefined): Living | undefined {
  if (stored === undefined) return undefined;
  const job = stored.length > ID_BYTES ? toHex(stored.subarray(ID_BYTES)) : null;
  return { licence: toHex(stored.subarray(0, ID_BYTES)), job };
}

function subjectPrefix(subject: string): string {
  return `subject/${subject}/`;
}

function livingKey(subject: string): string {
  return `living/${subject}`;
}
