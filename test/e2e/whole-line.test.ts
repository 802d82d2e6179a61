// SPDX-License-Identifier: Apache-2.0
// The whole network as processes: a fourth licence type that is only data goes through every room, and nobody who reads
// ledger, logs or stores finds a person in them.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sm3 } from '@zhenglian/guomi';
import { concat, uintBytes, utf8 } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput } from '@zhenglian/core/cbor';
import { emptyChain } from '@zhenglian/core/records/status';
import { parseWire } from '@zhenglian/core/wire';
import type { Ledger } from '@zhenglian/network/ledger';
import { FOUNDING_TYPES } from '../../scripts/accredit.ts';
import { readConsortium } from '../../scripts/consortium.ts';
import { createDemoClient } from '../../scripts/demo-client.ts';
import type { DemoClient } from '../../scripts/demo-client.ts';
import { runWallet } from '../../scripts/demo-commands.ts';
import { runNetwork } from '../../scripts/running-network.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { generateSamples } from '../../scripts/samples.ts';
import { HOUSEHOLD_REGISTER } from '../support/household-register.ts';

const REGISTRY = '11440000MADEMQ127C';
const PEOPLE = 40;

describe('the whole line, as processes', function () {
  this.timeout(240_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl-e2e-'));
  let network: RunningNetwork;
  let officer: DemoClient;
  let ledger: Ledger;
  const values = new Set<string>();
  const codes: string[] = [];
  const opened: (() => Promise<void>)[] = [];

  before(async () => {
    const file = readConsortium();
    const registry = {
      uscc: REGISTRY,
      msp: 'P44',
      name: { zh: '户籍', en: 'Registry' },
      types: ['household-register'],
      divisions: ['44'],
    };
    network = await runNetwork({
      dataDir: folder,
      progress: () => undefined,
      consortium: { ...file, authorities: [...file.authorities, registry] },
      types: [...FOUNDING_TYPES, HOUSEHOLD_REGISTER],
    });
    opened.push(() => network.stop());
    officer = createDemoClient(urlOf('P44'), tokenOf('P44', 'officer'));
    ledger = await network.ledger.connect('REG', 'client');
    opened.push(() => ledger.close());
    const samples = generateSamples('e2e', { people: PEOPLE, businesses: 10, drivers: PEOPLE / 2 });
    for (const { name, text } of samples) {
      const type = name.replace('.csv', '');
      const job = await officer.importCsv(type, text);
      expect(job.accepted, type).to.equal(job.total);
      for (const value of cellsOf(text)) values.add(value);
    }
  });
  after(async () => {
    for (const close of opened.reverse()) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a fourth type from a vote to a verdict in another province', async () => {
    const [, row = ''] = (
      generateSamples('e2e', { people: 1, businesses: 1, drivers: 1 })[0]?.text ?? ''
    ).split('\n');
    const number = /\d{17}[\dX]/.exec(row)?.[0] ?? '';
    const fields = {
      headName: '户主测试人',
      headNumber: number,
      householdKind: '1',
      members: '成员一 成员二',
      issuedOn: '2026-01-01',
    };
    const id = await mint('household-register', fields);
    for (const value of [fields.headName, fields.members]) values.add(value);
    const printed = await officer.printedCode(id, 'full');
    codes.push(printed);
    expect(await verdictAt('P33', printed)).to.equal('VALID');
    const wallet = join(folder, 'wallet');
    await runWallet(wallet, ['init']);
    const { code } = await officer.claimCode(id);
    await runWallet(wallet, [
      'claim',
      code,
      '--gateway',
      urlOf('P44'),
      '--fingerprint',
      network.tour.fingerprint,
    ]);
    const shown = await runWallet(wallet, [
      'present',
      'household-register',
      '--set',
      'full',
      '--text',
    ]);
    codes.push(shown);
    expect(await verdictAt('P33', shown)).to.equal('VALID');
    await officer.setStatus(id, 'revoked');
    expect(await verdictAt('P33', printed)).to.equal('REVOKED');
  });

  it('leaves nothing personal on the ledger, for one who knows every field, index and signature', async () => {
    const clean = await dumpLedger();
    expect(findGuesses(clean, values, codes)).to.eql([]);
    expect(findTexts(clean, values)).to.eql([]);
  });

  it('would find an unsalted leaf: one is planted in a real transaction', async () => {
    const [victim = ''] = [...values].filter((value) => /^\d{17}[\dX]$/.test(value));
    await plant(sm3.hash(concat(Uint8Array.of(0), encodeCbor(BigInt(victim.slice(0, 17))))));
    expect(findGuesses(await dumpLedger(), values, codes)).to.eql([victim]);
  });

  it('leaves nothing personal in logs, settings, stores or the tour', () => {
    const files = filesBelow(join(folder, 'gateways')).concat(join(folder, 'tour.json'));
    for (const file of files) expect(findTexts([readFileSync(file)], values), file).to.eql([]);
    expect(files.some((file) => file.endsWith('.log') && statSync(file).size > 0)).to.equal(true);
  });

  function urlOf(service: string): string {
    return network.tour.services.find((s) => s.name === service)?.url ?? '';
  }

  function tokenOf(service: string, role: string): string {
    const found = network.tour.tokens.find((t) => t.service === service && t.role === role);
    return found?.token ?? '';
  }

  async function post(
    service: string,
    role: string,
    route: string,
    body: unknown,
  ): Promise<unknown> {
    const response = await fetch(`${urlOf(service)}/v1/${route}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf(service, role)}`,
        'content-type': 'application/json',
        'purpose-code': 'counter-service',
      },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    expect(response.ok, JSON.stringify(answer)).to.equal(true);
    return answer;
  }

  async function mint(type: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const { id } = (await post('P44', 'officer', 'licences', { type, fields })) as { id: string };
    for (let i = 0; i < 100; i++) {
      const ready = await officer.printedCode(id, 'full').then(
        () => true,
        () => false,
      );
      if (ready) return id;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('not anchored in ten seconds');
  }

  async function verdictAt(service: string, presentation: string): Promise<string> {
    const answer = await post(service, 'clerk', 'verifications', {
      presentations: [presentation],
      act: 'general',
    });
    return (answer as { reports: { verdict: string }[] }).reports[0]?.verdict ?? '';
  }

  /** Everything the ledger holds that an observer can read: all arguments of all transactions, and block files as they lie. */
  async function dumpLedger(): Promise<readonly Uint8Array[]> {
    const parts: Uint8Array[] = [];
    const height = await ledger.height();
    const stop = new AbortController();
    for await (const block of ledger.blocks(0, stop.signal)) {
      for (const transaction of block.transactions) parts.push(...transaction.args);
      if (block.number >= height - 1) break;
    }
    stop.abort();
    return parts;
  }

  async function plant(root: Uint8Array): Promise<void> {
    const instance = `planted-${randomBytes(4).toString('hex')}`;
    const entry = { instance, n: 0, first: 0, count: 1, root };
    const request = encodeCbor({ ...entry, previous: emptyChain() });
    await ledger.submit({ chaincode: 'zl-reg', name: 'AnchorTrace', request });
  }
});

/** Values of a CSV file that name somebody or something: not codes, dates or flags that many share. */
function cellsOf(csv: string): readonly string[] {
  const [, ...lines] = csv.trim().split('\n');
  return lines
    .flatMap((line) => line.split(',').map((cell) => cell.replaceAll('"', '')))
    .filter(
      (cell) =>
        cell.length > 1 && !/^[\d-]{1,10}$|^长期$|^中国$|^[A-P\d]{1,6}$|^(true|false)$/.test(cell),
    );
}

/** Values for which some hash without a secret is in the dump: plain, tagged, or salted with what an observer knows. */
function findGuesses(
  dump: readonly Uint8Array[],
  values: ReadonlySet<string>,
  codes: readonly string[],
): readonly string[] {
  const windows = new Set<string>();
  for (const part of dump) {
    const text = Buffer.from(part).toString('latin1');
    for (let i = 0; i + 12 <= text.length; i++) windows.add(text.slice(i, i + 12));
  }
  const salts = [new Uint8Array(0), new Uint8Array(16), ...codes.flatMap(saltsOf)];
  return [...values].filter((value) =>
    formsOf(value).some((form) =>
      salts.some((salt) =>
        hashesOf(salt, form).some((hash) =>
          windows.has(Buffer.from(hash).toString('latin1').slice(0, 12)),
        ),
      ),
    ),
  );
}

/** What an observer who saw a code knows: signature, key, epoch, index. */
function saltsOf(code: string): readonly Uint8Array[] {
  const { signature, kid, epoch, index } = parseWire(code);
  const place = concat(kid, uintBytes(epoch, 4), uintBytes(index, 2));
  return [signature, signature.slice(0, 16), kid, place, uintBytes(index, 2)];
}

function formsOf(value: string): readonly Uint8Array[] {
  const forms: CborInput[] = [value];
  if (/^\d{17}[\dX]$/.test(value)) forms.push(BigInt(value.slice(0, 17)));
  return [utf8(value), ...forms.map(encodeCbor)];
}

function hashesOf(salt: Uint8Array, form: Uint8Array): readonly Uint8Array[] {
  const messages = [
    concat(salt, form),
    concat(Uint8Array.of(0), salt, form),
    concat(Uint8Array.of(0x10), salt, form),
  ];
  return [
    ...messages.map((message) => sm3.hash(message)),
    createHash('sha256').update(concat(salt, form)).digest(),
  ];
}

function findTexts(dump: readonly Uint8Array[], values: ReadonlySet<string>): readonly string[] {
  const whole = Buffer.concat([...dump]);
  return [...values].filter((value) => whole.includes(value));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
