// SPDX-License-Identifier: Apache-2.0
// Every verb on an import in every state, of every kind: what is not in the table is refused and changes nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isCodedError } from '@zhenglian/core/errors';
import * as control from '../../../gateway/src/imports/control-import.ts';
import { loadJob, newJob, storeNewJob } from '../../../gateway/src/imports/import-job.ts';
import type { ImportJob } from '../../../gateway/src/imports/import-job.ts';
import { IMPORT_STATES, WORKING } from '../../../gateway/src/imports/import-states.ts';
import type { ImportState } from '../../../gateway/src/imports/import-states.ts';
import { createLocks } from '../../../gateway/src/locks.ts';
import { openDatabase } from '../../../gateway/src/store/database.ts';
import type { Database } from '../../../gateway/src/store/database.ts';

const VERBS = {
  pause: control.pauseImport,
  resume: control.resumeImport,
  cancel: control.cancelImport,
  approve: control.approveImport,
  refuse: (...[parts, request]: Parameters<typeof control.approveImport>) =>
    control.refuseImport(parts, { ...request, reason: '材料不全' }),
} as const;
/** From which states each leads, and where. */
const LEADS: Readonly<
  Record<keyof typeof VERBS, Partial<Record<ImportState, ImportState | 'back'>>>
> = {
  pause: { reading: 'paused', checking: 'paused', running: 'paused' },
  resume: { paused: 'back' },
  cancel: {
    reading: 'cancelled',
    checking: 'cancelled',
    prepared: 'cancelled',
    running: 'cancelled',
    paused: 'cancelled',
  },
  approve: { prepared: 'running' },
  refuse: { prepared: 'refused' },
};
const KINDS = {
  plain: { dryRun: false, twoOfficers: false },
  'dry run': { dryRun: true, twoOfficers: false },
  'two officers': { dryRun: false, twoOfficers: true },
} as const;

describe('gateway: verbs on imports', () => {
  let folder: string;
  let database: Database;
  let last = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-verbs-'));
    database = await openDatabase(folder);
  });
  after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const parts = () => ({
    store: database.table('desk'),
    locks: createLocks(),
    clock: () => 1000,
    outbox: {
      ...{ put: () => [], handOver: () => undefined },
      ...{ told: nothing, room: nothing, adopt: nothing, close: nothing },
    },
  });
  /** Stores an import as it stands, tries a verb on it, and gives it before, after, and the refusal. */
  const attempt = async (verb: keyof typeof VERBS, content: Partial<ImportJob>) => {
    const id = (last += 1).toString(16).padStart(32, '0');
    const before: ImportJob = {
      ...newJob({
        ...{ id, type: 'driving', actor: 'officer-1', at: 900, state: 'reading' },
        ...KINDS.plain,
      }),
      ...content,
    };
    const { store, ...others } = parts();
    await store.write(storeNewJob(before));
    const request = { id, actor: 'approver-1', remember: () => Promise.resolve([]) };
    const refusal = await VERBS[verb]({ store, ...others }, request).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { before, after: await loadJob(store, id), refusal };
  };

  for (const verb of Object.keys(VERBS) as (keyof typeof VERBS)[]) {
    for (const state of IMPORT_STATES) {
      for (const [kind, flags] of Object.entries(KINDS)) {
        const to = LEADS[verb][state];
        it(`${verb}: ${kind}, ${state}, ${to === undefined ? 'refused' : `becomes ${to}`}`, async () => {
          for (const pausedFrom of state === 'paused' ? WORKING : [undefined]) {
            const held = pausedFrom === undefined ? {} : { pausedFrom };
            const { before, after, refusal } = await attempt(verb, { ...flags, state, ...held });
            if (to === undefined) {
              expect(isCodedError(refusal, 'IMPORT_STATE'), String(refusal)).to.equal(true);
              expect(after).to.eql(before);
            } else {
              expect(refusal).to.equal(undefined);
              expect(after.state).to.equal(to === 'back' ? pausedFrom : to);
              expect(after.decision?.approved).to.equal(DECIDES[verb]);
            }
          }
        });
      }
    }
  }
});

const DECIDES: Partial<Record<string, boolean>> = { approve: true, refuse: false };

function nothing(): Promise<void> {
  return Promise.resolve();
}
