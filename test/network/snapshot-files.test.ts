// SPDX-License-Identifier: Apache-2.0
// Two organisations' snapshots of one block: believed only when they are one, and their files what they say.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { agreeOnSnapshot } from '../../network/fabric/snapshot-files.ts';

const STATE = 'public_state.data';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('fabric: snapshots', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian snapshots '));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A snapshot as a peer leaves it. */
  function write(name: string, change: Record<string, unknown> = {}, commit = 'c0'): string {
    const place = join(folder, name);
    mkdirSync(place);
    writeFileSync(join(place, STATE), 'state');
    const signable = JSON.stringify({
      channel_name: 'zhenglian',
      last_block_number: 75,
      last_block_hash: 'b0',
      previous_block_hash: 'a0',
      snapshot_files_raw_hashes: { [STATE]: sha256('state') },
      ...change,
    });
    writeFileSync(join(place, '_snapshot_signable_metadata.json'), signable);
    const more = { snapshot_hash: sha256(signable), last_block_commit_hash: commit };
    writeFileSync(join(place, '_snapshot_additional_metadata.json'), JSON.stringify(more));
    return place;
  }

  it('agree when every byte that is signed and the commit hash are one', () => {
    const agreed = agreeOnSnapshot([write('a'), write('b')]);
    expect(agreed).to.include({ channel: 'zhenglian', block: 75, lastCommitHash: 'c0' });
    expect(agreed.hash).to.match(/^[0-9a-f]{64}$/);
  });

  it('ENDORSEMENT_MISMATCH: another state, another block, another commit hash', () => {
    const mine = write('a');
    const others = [
      write('state', { snapshot_files_raw_hashes: { [STATE]: sha256('other') } }),
      write('block', { last_block_number: 76 }),
      write('commit', {}, 'c1'),
    ];
    for (const other of others) {
      expect(() => agreeOnSnapshot([mine, other]), other).to.throw('ENDORSEMENT_MISMATCH');
      expect(() =>
        agreeOnSnapshot([mine, write(`${other}-2`.replace(folder, '')), other]),
      ).to.throw('ENDORSEMENT_MISMATCH');
    }
  });

  it('START_FAILED: one alone, a changed or missing file, a hash of something else', () => {
    const mine = write('a');
    const other = write('b');
    expect(() => agreeOnSnapshot([mine])).to.throw('START_FAILED');
    expect(() => agreeOnSnapshot([mine, join(folder, 'nowhere')])).to.throw('START_FAILED');
    writeFileSync(join(mine, STATE), 'changed');
    expect(() => agreeOnSnapshot([mine, other])).to.throw(/START_FAILED.*public_state/);
    unlinkSync(join(mine, STATE));
    expect(() => agreeOnSnapshot([mine, other])).to.throw(/START_FAILED.*missing/);
    const forged = { snapshot_hash: sha256('x'), last_block_commit_hash: 'c0' };
    writeFileSync(join(other, '_snapshot_additional_metadata.json'), JSON.stringify(forged));
    expect(() => agreeOnSnapshot([other, mine])).to.throw(/START_FAILED.*own hash/);
  });
});
