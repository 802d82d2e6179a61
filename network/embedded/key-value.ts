// SPDX-License-Identifier: Apache-2.0
// Reads and versions of keys in Fabric's messages.
import { ledger } from '../protos.ts';
import type { Version } from './state-store.ts';

const { kvrwset } = ledger.rwset;

/** Fabric's KVRead; a key that was not there has no version. */
export function kvRead(key: string, version: Version | null): InstanceType<typeof kvrwset.KVRead> {
  const read = new kvrwset.KVRead();
  read.setKey(key);
  if (version) {
    const message = new kvrwset.Version();
    message.setBlockNum(version.block);
    message.setTxNum(version.index);
    read.setVersion(message);
  }
  return read;
}

/** Version of a KVRead, null when the key was not there. */
export function versionOf(read: InstanceType<typeof kvrwset.KVRead>): Version | null {
  const version = read.getVersion();
  return version ? { block: version.getBlockNum(), index: version.getTxNum() } : null;
}

/** Tells whether two versions are the same, absence included. */
export function isSameVersion(a: Version | null, b: Version | null): boolean {
  return a === null || b === null ? a === b : a.block === b.block && a.index === b.index;
}

/** Order of keys as Go and LevelDB have it: by UTF-8 bytes. */
export function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
