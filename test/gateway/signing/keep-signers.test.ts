// SPDX-License-Identifier: Apache-2.0
// Keys and their successors, over real key files and a ledger whose key records the test holds: what is registered when,
// which key signs, and what of a refusal is told.
import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import { keyId, verifyFor } from '@zhenglian/core/signing';
import { keepSigners } from '../../../gateway/src/keep-signers.ts';
import { createMetrics } from '../../../gateway/src/metrics.ts';
import { NO_TRACING } from '../../../gateway/src/observing/tracing.ts';
import type { KeepParts, KeptSigners } from '../../../gateway/src/keep-signers.ts';
import { signOne } from '../../../gateway/src/signer.ts';
import { openFileKeyStore } from '../../../gateway/src/signing/file-key-store.ts';
import type { KeyStore } from '../../../gateway/src/signing/key-store.ts';
import { parseLimits } from '../../../gateway/src/signing/limits-file.ts';
import type { TraceAct } from '../../../gateway/src/trace/trace.ts';
import { SILENT } from '../fake-ledger.ts';
import { GUANGDONG, ZHEJIANG } from '../support.ts';
import { batch, licence, NETWORK, rule } from './contents.ts';

const DAY = 86_400;
const FIRST = 1_800_000_000;

describe('gateway: keys and their successors', function () {
  this.timeout(60_000);
  let folder: string;
  let keys: KeyStore;
  let signers: KeptSigners;
  let records: AuthorityKey[];
  let traced: TraceAct[];
  let now: number;
  /** What the next registration fails with, and whether it is done nevertheless. */
  let failure: { readonly error: CodedError; readonly isDone: boolean } | undefined;

  const open = async (limits?: unknown) => {
    keys = await openFileKeyStore({
      folder: join(folder, 'keys'),
      passphraseFile: join(folder, 'passphrase'),
      limits: limits === undefined ? undefined : parseLimits(limits),
      clock: () => now,
      random: (length) => new Uint8Array(randomBytes(length)),
    });
    signers = keepSigners({
      msp: 'P44',
      networkId: NETWORK,
      keys,
      ledger,
      clock: () => now,
      authorities: [{ uscc: GUANGDONG, types: ['driving'] }],
      replica,
      trace: { append: (...acts) => Promise.resolve(void traced.push(...acts)) },
      log: SILENT,
      metrics: createMetrics({ process: false }),
      tracing: NO_TRACING,
    });
  };
  const close = async () => {
    await signers.stop();
    await keys.close();
  };
  const ledger: KeepParts['ledger'] = {
    key: (kid) => Promise.resolve(records.find((each) => toHex(each.kid) === toHex(kid))),
    registerKey(request) {
      const kid = keyId(request.publicKey);
      const { possession, ...record } = request;
      expect(possession).to.have.length(64);
      const failed = failure;
      failure = undefined;
      if (failed?.isDone !== false) records.push({ ...record, msp: 'P44', kid, rev: 1, at: now });
      if (failed !== undefined) return Promise.reject(failed.error);
      const transactionId = 'ab'.repeat(32);
      return Promise.resolve({ transactionId, blockNumber: 1, result: new Uint8Array() });
    },
  };
  const replica = {
    trustBundle: () => ({ at: now, bundle: { keys: records } }),
    waitForBlock: () => Promise.resolve(),
  } as unknown as KeepParts['replica'];
  const kidNow = async () => toHex((await signers.ready(GUANGDONG)).kid);
  const change = (kid: string, changes: Partial<AuthorityKey>) => {
    records = records.map((each) => (toHex(each.kid) === kid ? { ...each, ...changes } : each));
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhenglian-keep-'));
    [records, traced, now, failure] = [[], [], FIRST, undefined];
    await open();
  });
  afterEach(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });

  it('make and register a key when one is first wanted, once for all who ask', async () => {
    expect(signers.forAuthority(GUANGDONG)).to.equal(undefined);
    const all = await Promise.all([1, 2, 3].map(() => signers.ready(GUANGDONG)));
    expect(new Set(all).size).to.equal(1);
    expect(records).to.have.length(1);
    expect(signers.forType('driving')).to.equal(all[0]);
    expect(signers.forType('business')).to.equal(undefined);
    expect(traced).to.have.length(1);
    const other: unknown = await signers.ready(ZHEJIANG).catch((error: unknown) => error);
    expect(isCodedError<string>(other, 'TYPE_NOT_ISSUED')).to.equal(true);
  });

  it('are the same after a restart, registered or not', async () => {
    failure = { error: new CodedError('LEDGER_UNAVAILABLE', 'away'), isDone: false };
    const away: unknown = await signers.ready(GUANGDONG).catch((error: unknown) => error);
    expect(isCodedError(away, 'LEDGER_UNAVAILABLE')).to.equal(true);
    await close();
    await open();
    const kid = await kidNow();
    await close();
    await open();
    expect(await kidNow()).to.equal(kid);
    const session = await keys.openSession();
    expect(await session.listKeys()).to.have.length(1);
  });

  it('are registered once when the answer is lost', async () => {
    failure = { error: new CodedError('COMMIT_UNKNOWN', 'lost'), isDone: true };
    await signers.ready(GUANGDONG).catch(() => undefined);
    await kidNow();
    failure = { error: new CodedError('KEY_EXISTS', 'there'), isDone: false };
    await signers.rotate(GUANGDONG);
    expect(records).to.have.length(1);
  });

  it('have a successor on command; the old one signs what was begun, also after a restart', async () => {
    const old = await signers.ready(GUANGDONG);
    const [next, same] = await Promise.all([
      signers.rotate(GUANGDONG, 'officer:1234'),
      signers.rotate(GUANGDONG, 'officer:1234'),
    ]);
    expect(same).to.equal(next);
    expect(toHex(next.kid)).to.not.equal(toHex(old.kid));
    expect(await signers.ready(GUANGDONG)).to.equal(next);
    expect(signers.all()).to.deep.equal([next]);
    expect(traced.at(-1)).to.deep.include({ kind: 'key', actor: 'officer:1234' });
    for (const again of [false, true]) {
      if (again) {
        await close();
        await open();
        expect(await kidNow()).to.equal(toHex(next.kid));
      }
      const begun = await signers.forKid(old.kid);
      if (begun === undefined) throw new Error('the old key is there');
      const content = batch({ authority: GUANGDONG, kid: old.kid });
      const signature = await signOne(begun, content);
      expect(verifyFor({ ...content, publicKey: old.publicKey, signature })).to.equal(true);
    }
    expect(await signers.forKid(new Uint8Array(8))).to.equal(undefined);
  });

  it('have a successor a month before their end, without a request that waits for it', async () => {
    const first = await kidNow();
    await signers.renewDue();
    expect(await kidNow()).to.equal(first);
    const { notAfter = 0 } = records[0] ?? {};
    now = notAfter - 31 * DAY;
    await signers.renewDue();
    expect(await kidNow()).to.equal(first);
    now = notAfter - 30 * DAY;
    failure = { error: new CodedError('LEDGER_UNAVAILABLE', 'away'), isDone: false };
    await signers.renewDue();
    expect(await kidNow()).to.equal(first);
    await signers.renewDue();
    const second = await kidNow();
    expect(second).to.not.equal(first);
    await signers.renewDue();
    expect(await kidNow()).to.equal(second);
    // The attempt that failed and the one that did not made one key.
    expect(await (await keys.openSession()).listKeys()).to.have.length(2);
  });

  it('are replaced when burned or over', async () => {
    const first = await kidNow();
    change(first, { burned: { at: now, lastGood: new Map() } });
    const second = await kidNow();
    expect(second).to.not.equal(first);
    now += 6 * 366 * DAY;
    const third = await kidNow();
    expect(new Set([first, second, third]).size).to.equal(3);
    await close();
    await open();
    expect(await kidNow()).to.equal(third);
  });

  it('whose signer refuses say so, once a minute, until it signs again', async () => {
    await close();
    const permits = [
      { name: 'licences', purposes: ['licence'], perDay: 2 },
      { name: 'rest', purposes: ['possession', 'batch'] },
    ];
    await open({ version: 1, permits });
    const signer = await signers.ready(GUANGDONG);
    const refused = async (content = licence(1)) => {
      const error: unknown = await signer.sign([content]).catch((e: unknown) => e);
      expect(isCodedError<string>(error, 'SIGNER_LIMIT')).to.equal(true);
    };
    await signer.sign([licence(1), licence(2)]);
    expect(signers.troubles()).to.deep.equal([]);
    await refused();
    await refused();
    expect(signers.troubles()).to.deep.equal(['SIGNER_LIMIT']);
    const kid = toHex(signer.kid);
    const told = () => traced.filter(({ kind }) => kind === 'denial');
    expect(told()).to.deep.equal([
      {
        ...{ kind: 'denial', actor: 'gateway', subject: null, outcome: 'SIGNER_LIMIT' },
        purpose: 'issuance',
        detail: { kid, kind: 'count', count: 1 },
      },
    ]);
    now += 61;
    await refused();
    await refused(rule());
    expect(told().map(({ detail }) => detail?.['kind'])).to.deep.equal([
      'count',
      'count',
      'permit',
    ]);
    now += DAY;
    await signer.sign([licence(1)]);
    expect(signers.troubles()).to.deep.equal([]);
  });
});
