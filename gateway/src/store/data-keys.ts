// SPDX-License-Identifier: Apache-2.0
// The data keys of an owner: one SM4 key a field group, wrapped together under the master key in data-key/<owner>. Who is
// erased keeps a row that says so in their place, under which nothing opens.
import { concat, equals, fromUtf8, utf8 } from '@zhenglian/core/bytes';
import { sm4 } from '@zhenglian/guomi';
import { gatewayError } from '../problem-codes.ts';
import { createRandomPool } from '../random-pool.ts';
import { dataKeyName, groupsBeside } from './field-groups.ts';
import type { FieldGroup } from './field-groups.ts';
import { sealedWrong, SM4_KEY_BYTES } from './sealing.ts';
import type { Vault } from './vault.ts';

/** Keys of an owner. They are wiped when nobody holds them any more: the memory, or a write that waits. */
export interface OwnerKeys {
  readonly wrapped: Uint8Array;
  /** The key of one group. @throws STORE_CORRUPT */
  keyOf(group: FieldGroup): sm4.GcmKey;
  hold(): void;
  release(): void;
}

/** Unwraps keys, and remembers those used last. */
export interface DataKeys {
  /** Fresh keys for an owner that has a row of this group; who asked holds them. */
  create(owner: string, group: FieldGroup): OwnerKeys;
  /** Keys as they are stored. @throws STORE_CORRUPT, ERASED */
  open(owner: string, wrapped: Uint8Array): OwnerKeys;
  /** Keys that are known to be stored; they may have been destroyed since. */
  recent(owner: string): OwnerKeys | undefined;
  keep(owner: string, keys: OwnerKeys): void;
  forget(owner: string): void;
}

const KEPT = 1;
const ERASED = 0;
/** As many as a chunk of an import has: whoever comes again soon, a claim say, is among them. */
const MOST_OWNERS = 1000;

/** An empty memory of unwrapped keys. */
export function createDataKeys(vault: Vault): DataKeys {
  const random = createRandomPool();
  const known = new Map<string, OwnerKeys>();
  const forget = (owner: string) => {
    known.get(owner)?.release();
    known.delete(owner);
  };
  const keep = (owner: string, keys: OwnerKeys) => {
    keys.hold();
    forget(owner);
    known.set(owner, keys);
    const oldest = known.keys().next();
    if (known.size > MOST_OWNERS && oldest.done !== true) forget(oldest.value);
  };
  return {
    create(owner, group) {
      const keys = random(SM4_KEY_BYTES * groupsBeside(group).length);
      const wrapped = vault.seal(concat(Uint8Array.of(KEPT), keys), dataKeyName(owner));
      return ownerKeys(wrapped, keys);
    },
    open(owner, wrapped) {
      const before = known.get(owner);
      if (before !== undefined && equals(before.wrapped, wrapped)) return before;
      const content = vault.unseal(wrapped, dataKeyName(owner));
      if (content[0] === ERASED) throw erased(fromUtf8(content.subarray(1)));
      if (content[0] !== KEPT) throw sealedWrong();
      const opened = ownerKeys(wrapped, content.slice(1));
      content.fill(0);
      keep(owner, opened);
      opened.release();
      return opened;
    },
    recent: (owner) => known.get(owner),
    keep,
    forget,
  };
}

/** Keys in the order of their owner's groups, held once; each is made ready when it is first used. */
function ownerKeys(wrapped: Uint8Array, keys: Uint8Array): OwnerKeys {
  const ready = new Map<FieldGroup, sm4.GcmKey>();
  let holders = 1;
  return {
    wrapped,
    keyOf(group) {
      const known = ready.get(group);
      if (known !== undefined) return known;
      const at = SM4_KEY_BYTES * groupsBeside(group).indexOf(group);
      const bytes = keys.subarray(at, at + SM4_KEY_BYTES);
      if (bytes.length !== SM4_KEY_BYTES || holders === 0) throw sealedWrong();
      const key = sm4.createGcmKey(bytes);
      ready.set(group, key);
      return key;
    },
    hold() {
      holders += 1;
    },
    release() {
      holders -= 1;
      if (holders > 0) return;
      keys.fill(0);
      for (const key of ready.values()) key.close();
    },
  };
}

/** What takes the place of an erased owner's keys. */
export function erasedMark(receipt: string): Uint8Array {
  return concat(Uint8Array.of(ERASED), utf8(receipt));
}

function erased(receipt: string): Error {
  const message = `the data of this were erased: receipt ${receipt}`;
  return gatewayError('ERASED', message, { detail: { receipt } });
}
