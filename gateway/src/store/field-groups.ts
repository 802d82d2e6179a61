// SPDX-License-Identifier: Apache-2.0
// Which rows hold what a person gave, and whose key they are sealed under (docs/storage.md §3): by the key's prefix.
// Everything else is sealed under the master key.

/** A group of fields: it has a data key of its own. */
export type FieldGroup = 'particulars' | 'copies' | 'attachments' | 'rows';

/** Whose row it is, and which of its owner's keys seals it. */
export interface Sealing {
  /** A licence, an import or an upload: what is erased as one. */
  readonly owner: string;
  readonly group: FieldGroup;
}

const LICENCE: readonly FieldGroup[] = ['particulars', 'copies', 'attachments'];
const IMPORT: readonly FieldGroup[] = ['rows'];

/** `<prefix>/<owner>` or `<prefix>/<owner>/…`. */
const GROUP_OF: Readonly<Record<string, FieldGroup>> = {
  licence: 'particulars',
  copy: 'copies',
  attachments: 'attachments',
  'import-rows': 'rows',
  'upload-block': 'rows',
};

/** The groups of an owner that has this one, in the order their keys are kept in. */
export function groupsBeside(group: FieldGroup): readonly FieldGroup[] {
  return group === 'rows' ? IMPORT : LICENCE;
}

/** How a row is sealed; undefined: under the master key. */
export function sealingOf(key: string): Sealing | undefined {
  const end = key.indexOf('/');
  if (end < 0) return undefined;
  const prefix = key.slice(0, end);
  const group = Object.hasOwn(GROUP_OF, prefix) ? GROUP_OF[prefix] : undefined;
  if (group === undefined) return undefined;
  const next = key.indexOf('/', end + 1);
  return { owner: key.slice(end + 1, next < 0 ? undefined : next), group };
}

const DATA_KEY = 'data-key/';

/** Where the keys of an owner are kept, wrapped. */
export function dataKeyName(owner: string): string {
  return DATA_KEY + owner;
}

/** The owner whose keys a row keeps; undefined for any other row. */
export function ownerOfDataKey(key: string): string | undefined {
  return key.startsWith(DATA_KEY) ? key.slice(DATA_KEY.length) : undefined;
}
