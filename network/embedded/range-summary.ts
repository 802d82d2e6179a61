// SPDX-License-Identifier: Apache-2.0
// What a range query saw, as Fabric's peers write it: the reads themselves up to 50, beyond that the
// hashes of a tree of degree 50 (fabric/core/ledger/kvledger/txmgmt/rwsetutil/query_results_helper.go).
import { createHash } from 'node:crypto';
import { kvRead } from './key-value.ts';
import { ledger } from '../protos.ts';
import type { Version } from './state-store.ts';

const { kvrwset } = ledger.rwset;
const MAX_DEGREE = 50;

/** Collects the results of one range query, in order. */
export class RangeSummary {
  #pending: [string, Version][] = [];
  readonly #levels: Uint8Array[][] = [[]];

  add(key: string, version: Version): void {
    this.#pending.push([key, version]);
    if (this.#pending.length > MAX_DEGREE) this.#hashPending();
  }

  /** Writes what was seen into a RangeQueryInfo. Call once, at the end. */
  writeTo(info: InstanceType<typeof kvrwset.RangeQueryInfo>): void {
    if (this.#levels.length === 1 && this.#levels[0]?.length === 0) {
      info.setRawReads(queryReads(this.#pending));
      return;
    }
    if (this.#pending.length > 0) this.#hashPending();
    this.#finish();
    const summary = new kvrwset.QueryReadsMerkleSummary();
    summary.setMaxDegree(MAX_DEGREE);
    summary.setMaxLevel(this.#levels.length);
    summary.setMaxLevelHashesList(this.#levels.at(-1) ?? []);
    info.setReadsMerkleHashes(summary);
  }

  #hashPending(): void {
    const bytes: Uint8Array = queryReads(this.#pending).serializeBinary();
    this.#pending = [];
    this.#push(0, createHash('sha256').update(bytes).digest());
    for (let level = 0; (this.#levels[level]?.length ?? 0) > MAX_DEGREE; level++) {
      const combined = combine(this.#levels[level] ?? []);
      this.#levels[level] = [];
      this.#push(level + 1, combined);
    }
  }

  #finish(): void {
    for (let level = 0; level < this.#levels.length - 1; level++) {
      const hashes = this.#levels[level] ?? [];
      const [only] = hashes;
      if (only === undefined) continue;
      this.#levels[level] = [];
      this.#push(level + 1, hashes.length === 1 ? only : combine(hashes));
    }
    const top = this.#levels.at(-1) ?? [];
    if (top.length > MAX_DEGREE) this.#levels.push([combine(top)]);
  }

  #push(level: number, hash: Uint8Array): void {
    const hashes = this.#levels[level];
    if (hashes) hashes.push(hash);
    else this.#levels[level] = [hash];
  }
}

function queryReads(reads: readonly [string, Version][]): InstanceType<typeof kvrwset.QueryReads> {
  const message = new kvrwset.QueryReads();
  message.setKvReadsList(reads.map(([key, version]) => kvRead(key, version)));
  return message;
}

function combine(hashes: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of hashes) hash.update(part);
  return hash.digest();
}
