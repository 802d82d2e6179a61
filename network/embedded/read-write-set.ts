// SPDX-License-Identifier: Apache-2.0
// Reads Fabric's TxReadWriteSet back, for the organisations that judge it at commit.
import { equals } from '@zhenglian/core/bytes';
import { CodedError } from '@zhenglian/core/errors';
import { versionOf } from './key-value.ts';
import { ledger } from '../protos.ts';
import { RangeSummary } from './range-summary.ts';
import type { KeyedEntry, Version } from './state-store.ts';

const { kvrwset } = ledger.rwset;

/** A range that was read, and what was seen in it. */
export interface RangeRead {
  readonly start: string;
  /** First key that is no longer part of it; empty for the end of the namespace. */
  readonly end: string;
  /** Tells whether these entries, in order, are what was seen. */
  matches(entries: readonly KeyedEntry[]): boolean;
}

/** What a transaction read and would write in one namespace. */
export interface NamespaceChanges {
  readonly namespace: string;
  readonly reads: readonly { readonly key: string; readonly version: Version | null }[];
  readonly ranges: readonly RangeRead[];
  readonly writes: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

/** Reads the set. @throws LEDGER_REFUSED on malformed bytes, private data, or a namespace named twice */
export function decodeReadWriteSet(bytes: Uint8Array): NamespaceChanges[] {
  try {
    const namespaces = ledger.rwset.TxReadWriteSet.deserializeBinary(bytes).getNsRwsetList();
    const names = new Set(namespaces.map((one) => one.getNamespace()));
    if (names.size !== namespaces.length) throw new Error('a namespace twice');
    return namespaces.map((one) => {
      const set = kvrwset.KVRWSet.deserializeBinary(one.getRwset_asU8());
      if (one.getCollectionHashedRwsetList().length + set.getMetadataWritesList().length > 0) {
        throw new Error('private data or key-level metadata');
      }
      return decodeNamespace(one.getNamespace(), set);
    });
  } catch (cause) {
    throw new CodedError('LEDGER_REFUSED', 'not a read/write set', { cause });
  }
}

function decodeNamespace(
  namespace: string,
  set: InstanceType<typeof kvrwset.KVRWSet>,
): NamespaceChanges {
  return {
    namespace,
    reads: set.getReadsList().map((read) => ({ key: read.getKey(), version: versionOf(read) })),
    ranges: set.getRangeQueriesInfoList().map(decodeRange),
    writes: set.getWritesList().map((write) => ({
      key: write.getKey(),
      value: write.getIsDelete() ? null : write.getValue_asU8(),
    })),
  };
}

function decodeRange(info: InstanceType<typeof kvrwset.RangeQueryInfo>): RangeRead {
  const end: string = info.getEndKey();
  const seen: Uint8Array = info.serializeBinary();
  return {
    start: info.getStartKey(),
    // A query left early vouches for its last key too: the bound moves just behind it.
    end: info.getItrExhausted() ? end : `${end}\0`,
    matches: (entries) => {
      const again = new kvrwset.RangeQueryInfo();
      again.setStartKey(info.getStartKey());
      again.setEndKey(end);
      again.setItrExhausted(info.getItrExhausted());
      const summary = new RangeSummary();
      for (const { key, version } of entries) summary.add(key, version);
      summary.writeTo(again);
      return equals(again.serializeBinary(), seen);
    },
  };
}
