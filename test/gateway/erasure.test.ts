// SPDX-License-Identifier: Apache-2.0
// Erasure of one person, to the last byte: the files of the store and the master key together open nothing of the person.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromBase64, fromHex } from '@zhenglian/core/bytes';
import { decodeCbor } from '@zhenglian/core/cbor';
import { verifyFor } from '@zhenglian/core/signing';
import { CodedError } from '@zhenglian/core/errors';
import { erasePerson } from '../../gateway/src/erasure/erase-person.ts';
import {
  erasurePayload,
  listErasures,
  listUnfinished,
  storeErasure,
} from '../../gateway/src/erasure/erasure-record.ts';
import { memoryTable } from '../../gateway/src/replica/memory-table.ts';
import { openDatabase } from '../../gateway/src/store/database.ts';
import { readKeyring } from '../../gateway/src/store/keyring.ts';
import { sealTable } from '../../gateway/src/store/sealed-table.ts';
import type { Table, TableChange } from '../../gateway/src/store/table.ts';
import { createVault } from '../../gateway/src/store/vault.ts';
import { AUDIT } from './call-app.ts';
import {
  anchored,
  eventually,
  freshDriver,
  issueDriving,
  openTestGateway,
  startProvinces,
} from './support.ts';
import type { TestGateway, TestProvinces } from './support.ts';

const RECEIPT = {
  ...{ licences: [], actor: 'a', purpose: 'audit' as const, basis: null },
  ...{ payload: new Uint8Array(), signature: new Uint8Array(64), signer: new Uint8Array(8) },
};

interface Signed {
  readonly receipt: { readonly payload: string; readonly signature: string; readonly kid: string };
  readonly id: string;
  readonly type: string;
  readonly licences: string[];
  readonly basis: string | null;
  readonly purpose: string;
  readonly at: number;
}

describe('gateway: erasure of one person', () => {
  let provinces: TestProvinces;
  let under: TestGateway;
  before(async () => {
    provinces = await startProvinces();
    under = await openTestGateway(provinces);
  });
  after(async () => {
    await rm(under.config.dataDir, { recursive: true, force: true });
    await provinces.close();
  });

  const erase = (body: object, headers = AUDIT.headers ?? {}) =>
    under.call('post', '/v1/erasures', { as: 'administrator', body, headers });

  it('refuses who may not, no purpose, nobody, and a licence that has not ended', async () => {
    const fields = freshDriver();
    await issueDriving(under, fields);
    const body = { type: 'driving', subject: fields['licenceNo'] };
    const officer = await under.call('post', '/v1/erasures', { as: 'officer', body, ...AUDIT });
    expect(officer.body.code).to.equal('ROLE_DENIED');
    expect((await erase(body, {})).body.code).to.equal('PURPOSE_REQUIRED');
    const nobody = { type: 'driving', subject: '440106198001011234' };
    expect((await erase(nobody)).body.code).to.equal('LICENCE_UNKNOWN');
    expect((await erase(body)).body.code).to.equal('ERASE_LIVING');
  });

  it('lists receipts page by page, the newest first', async () => {
    const table = memoryTable();
    for (let n = 0; n < 5; n += 1) {
      const id = String(n).repeat(32);
      await table.write(storeErasure({ ...RECEIPT, id, at: 1000 + n, type: n === 2 ? 'x' : 'y' }));
    }
    const ids: string[][] = [];
    let after: string | undefined;
    do {
      const page = await listErasures(table, ({ type }) => type === 'y', { limit: 2, after });
      ids.push(page.erasures.map(({ id }) => id.slice(0, 1)));
      after = page.next;
    } while (after !== undefined);
    expect(ids).to.deep.equal([
      ['4', '3'],
      ['1', '0'],
    ]);
    const wrong = await under.call('get', '/v1/erasures?after=bm8', { as: 'regulator' });
    expect([wrong.status, wrong.body.code]).to.deep.equal([400, 'REQUEST_INVALID']);
  });

  it('is carried out to the end by itself when the store fails between two licences', async () => {
    const fields = freshDriver();
    const ended = await issueDriving(under, fields);
    const body = { state: 'revoked', class: 'administrative', reason: 'r', basis: 'b' };
    const path = `/v1/licences/${ended}/status`;
    expect((await under.call('post', path, { body })).status).to.equal(200);
    const living = await issueDriving(under, fields);
    const { context } = under.gateway;
    let batches = 0;
    const isErasing = (changes: readonly TableChange[]) =>
      changes.some(({ key }) => key.startsWith('data-key/'));
    const store: Table = {
      ...context.store,
      write: (changes) =>
        isErasing(changes) && (batches += 1) === 2
          ? Promise.reject(new CodedError('STORE_UNAVAILABLE', 'away'))
          : context.store.write(changes),
    };
    const subject = fields['licenceNo'] ?? '';
    const asked = { type: 'driving', subject, actor: 'a', purpose: 'audit' as const, basis: 'x' };
    const told = await erasePerson({ ...context, store }, asked, () => []).catch(String);
    expect(told).to.include('STORE_UNAVAILABLE');
    const { erasures } = (await under.call('get', '/v1/erasures', { as: 'regulator' })).body;
    expect(erasures[0].licences).to.have.members([ended, living]);
    await eventually(async () => {
      expect(await listUnfinished(context.store)).to.deep.equal([]);
    });
    for (const id of [ended, living]) {
      expect((await under.call('get', `/v1/licences/${id}`, AUDIT)).body.code).to.equal('ERASED');
      const acts = await context.trace.entriesOf([id]);
      expect(acts.filter(({ entry }) => entry.kind === 'erasure')).to.have.length(1);
    }
  });

  it('leaves no destroyed key on the disk when it was cut off before the files were rewritten', async () => {
    const fields = freshDriver();
    const id = await issueDriving(under, fields);
    const { dataDir } = under.config;
    await under.stop({ keep: true });
    const key = await pieceOfKeys(dataDir, id);
    under = await openTestGateway(provinces, { dataDir });
    const { context } = under.gateway;
    const purge = () => Promise.reject(new Error('cut off here'));
    const subject = fields['licenceNo'] ?? '';
    const asked = { type: 'driving', subject, actor: 'a', purpose: 'audit' as const, basis: 'x' };
    const told = await erasePerson({ ...context, purge }, asked, () => []).catch(String);
    expect(told).to.include('cut off here');
    await eventually(async () => {
      expect(await listUnfinished(context.store)).to.deep.equal([]);
    });
    await under.stop({ keep: true });
    for (const file of await readdir(join(dataDir, 'store'))) {
      const content = await readFile(join(dataDir, 'store', file));
      expect(content.includes(key), `a destroyed key in ${file}`).to.equal(false);
    }
    under = await openTestGateway(provinces, { dataDir });
  });

  it('leaves no byte of the person to who has the files and the master key', async () => {
    const [fields, other] = [freshDriver(), freshDriver()];
    const headers = { 'Idempotency-Key': 'issue-of-the-erased' };
    const body = { type: 'driving', fields };
    const { body: accepted } = await under.call('post', '/v1/licences', { body, headers });
    const kept = await issueDriving(under, other);
    const id: string = accepted.id;
    const subject = fields['licenceNo'] ?? '';
    await under.stop({ keep: true });
    const { dataDir } = under.config;
    const before = await pieceOfKeys(dataDir, id);
    under = await openTestGateway(provinces, { dataDir });
    await anchored(under, id);
    const answer = await erase({ type: 'driving', subject, basis: 'PIPL art. 47' });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    expect(answer.body.licences).to.deep.equal([id]);
    await checkReceipt(answer.body);

    const gone = await under.call('get', `/v1/licences/${id}`, AUDIT);
    expect([gone.status, gone.body.code]).to.deep.equal([410, 'ERASED']);
    const code = await under.call('get', `/v1/licences/${id}/code`, AUDIT);
    expect([code.status, code.body.code]).to.deep.equal([410, 'ERASED']);
    const found = await under.call('post', '/v1/licences/search', {
      body: { type: 'driving', subject },
      ...AUDIT,
    });
    expect(JSON.stringify(found.body)).to.not.include(id);
    expect((await under.call('get', `/v1/licences/${kept}`, AUDIT)).status).to.equal(200);
    const told = await under.gateway.context.trace.entriesOf([id]);
    expect(told.map(({ entry }) => entry.kind)).to.include('erasure');
    const listed = await under.call('get', '/v1/erasures', { as: 'regulator' });
    expect(listed.body.erasures[0].id).to.equal(answer.body.id);

    await under.stop({ keep: true });
    const files = await readdir(join(dataDir, 'store'));
    for (const file of files) {
      const content = await readFile(join(dataDir, 'store', file));
      expect(content.includes(before), `a destroyed key in ${file}`).to.equal(false);
    }
    expect(await openedTexts(dataDir)).to.satisfy((texts: string[]) =>
      texts.every((text) => !text.includes(subject) && !text.includes(fields['name'] ?? '?')),
    );
    expect(
      (await openedTexts(dataDir)).some((text) => text.includes(other['name'] ?? '?')),
    ).to.equal(true);
    under = await openTestGateway(provinces, { dataDir });
    const still = await under.call('get', `/v1/licences/${id}`, AUDIT);
    expect(still.body.code).to.equal('ERASED');
    await under.stop({ keep: true });
  });

  async function checkReceipt(erasure: Signed) {
    const { receipt, id, type, licences, basis, purpose, at } = erasure;
    const signer = under.gateway.context.signers.all()[0];
    if (signer === undefined) throw new Error('there is a signer');
    expect(fromHex(receipt.kid)).to.deep.equal(signer.kid);
    const payload = fromBase64(receipt.payload);
    const signature = fromBase64(receipt.signature);
    const { networkId } = under.config;
    const { publicKey } = signer;
    expect(
      verifyFor({ purpose: 'receipt' as const, networkId, payload, publicKey, signature }),
    ).to.equal(true);
    const said = erasurePayload({ msp: 'P44', id, type, licences, basis, purpose, at });
    expect(payload).to.deep.equal(said);
    expect(decodeCbor(payload)).to.include.members([2, 'P44', id, type, purpose, at]);
  }
});

/** A piece of the wrapped keys of a licence as they lie on the disk: random, so that LevelDB's compression leaves it whole. */
async function pieceOfKeys(dataDir: string, id: string): Promise<Buffer> {
  const database = await openDatabase(join(dataDir, 'store'));
  const wrapped = await database.table('desk').get(`data-key/${id}`);
  await database.close();
  if (wrapped === undefined) throw new Error('the licence has keys');
  const piece = Buffer.from(wrapped.subarray(20, 60));
  const files = await readdir(join(dataDir, 'store'));
  const contents = await Promise.all(files.map((name) => readFile(join(dataDir, 'store', name))));
  expect(contents.some((content) => content.includes(piece))).to.equal(true);
  return piece;
}

/** Everything of the store that opens with its master key, as text. */
async function openedTexts(dataDir: string): Promise<string[]> {
  const keyring = await readKeyring(join(dataDir, 'master.key'));
  if (keyring === undefined) throw new Error('there is a keyring');
  const database = await openDatabase(join(dataDir, 'store'));
  const table = sealTable(database.table('desk'), createVault(keyring));
  const texts: string[] = [];
  for await (const { table: name, key } of database.dump()) {
    if (name !== 'desk') continue;
    const value = await table.get(key).catch(() => undefined);
    if (value !== undefined) texts.push(Buffer.from(value).toString('utf8'));
  }
  await database.close();
  return texts;
}
