// SPDX-License-Identifier: Apache-2.0
// Snapshots of a channel as peers write them: two of different organisations must be one, to the last hash, before anything is built on them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@zhenglian/core/errors';
import { equals } from '@zhenglian/core/bytes';

/** What two organisations say alike of the channel at a block. */
export interface AgreedSnapshot {
  readonly channel: string;
  readonly block: number;
  /** SHA-256 of the signable metadata, which holds the hash of every file. */
  readonly hash: string;
  readonly lastBlockHash: string;
  /** Commits to all validity flags and writes up to the block. */
  readonly lastCommitHash: string;
}

const SIGNABLE = '_snapshot_signable_metadata.json';
const ADDITIONAL = '_snapshot_additional_metadata.json';

/**
 * Compares the snapshots in folders of several organisations, and the files of the first with their hashes.
 * @throws ENDORSEMENT_MISMATCH when they differ, START_FAILED when one cannot be read or its files are others
 */
export function agreeOnSnapshot(folders: readonly string[]): AgreedSnapshot {
  const [first, ...others] = folders.map(readSnapshot);
  if (!first || others.length === 0) throw failed('two organisations are needed to compare');
  for (const { folder, signable, hash, lastCommitHash } of others) {
    if (
      !equals(signable, first.signable) ||
      hash !== first.hash ||
      lastCommitHash !== first.lastCommitHash
    ) {
      const words = `the snapshots in ${first.folder} and ${folder} differ: one of the organisations does not have the channel's state`;
      throw new CodedError('ENDORSEMENT_MISMATCH', words);
    }
  }
  const { channel, block, lastBlockHash, hash, lastCommitHash } = first;
  requireFiles(first);
  return { channel, block, hash, lastBlockHash, lastCommitHash };
}

interface SnapshotFolder extends AgreedSnapshot {
  readonly folder: string;
  readonly signable: Uint8Array;
  readonly files: Readonly<Record<string, string>>;
}

function readSnapshot(folder: string): SnapshotFolder {
  try {
    const signable = new Uint8Array(readFileSync(join(folder, SIGNABLE)));
    const said = record(Buffer.from(signable).toString());
    const more = record(readFileSync(join(folder, ADDITIONAL), 'utf8'));
    const snapshot = {
      folder,
      signable,
      channel: text(said['channel_name']),
      block: Number(said['last_block_number']),
      lastBlockHash: text(said['last_block_hash']),
      files: said['snapshot_files_raw_hashes'] as Readonly<Record<string, string>>,
      hash: text(more['snapshot_hash']),
      lastCommitHash: text(more['last_block_commit_hash']),
    };
    if (snapshot.hash === sha256(signable)) return snapshot;
  } catch (cause) {
    throw failed(`no snapshot in ${folder}`, cause);
  }
  throw failed(`the snapshot in ${folder} is not what its own hash says`);
}

function requireFiles({ folder, files }: SnapshotFolder): void {
  for (const [name, hash] of Object.entries(files)) {
    let found: string;
    try {
      found = sha256(readFileSync(join(folder, name)));
    } catch (cause) {
      throw failed(`${name} is missing in ${folder}`, cause);
    }
    if (found !== hash) throw failed(`${join(folder, name)} is not what the snapshot says`);
  }
}

function record(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new TypeError('no JSON object');
}

function text(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError('no text');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function failed(message: string, cause?: unknown): CodedError<'START_FAILED'> {
  return new CodedError('START_FAILED', message, { cause });
}
