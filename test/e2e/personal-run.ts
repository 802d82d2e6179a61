// SPDX-License-Identifier: Apache-2.0
// A day at a province's desk, with good and wrong input, noting every personal value that went in: imports, searches,
// a wallet, checks, status changes with reasons, a correction. For tests that look for those values afterwards.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { anchorArgument } from '@zhenglian/core/anchor';
import { dayAt } from '@zhenglian/core/days';
import { openPresentation } from '@zhenglian/core/presentation';
import { BUSINESS } from '@zhenglian/core/types/business';
import type { TypeDefinition } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { RESIDENT_ID } from '@zhenglian/core/types/resident-id';
import { parseWire } from '@zhenglian/core/wire';
import { createDemoClient } from '../../scripts/demo-client.ts';
import { runWallet } from '../../scripts/demo-commands.ts';
import { runNetwork } from '../../scripts/running-network.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { generateSamples } from '../../scripts/samples.ts';
import { startEmbeddedTour } from '../../scripts/tour-ledger.ts';
import { knowLicence } from '../support/known-licence.ts';
import type { KnownLicence } from '../support/known-licence.ts';

/** What went into a run. */
export interface PersonalRun {
  readonly licences: readonly KnownLicence[];
  /** Anchored arguments of the licences' copies. */
  readonly anchored: readonly Uint8Array[];
  /** Numbers, codes, reasons, values of lines and requests that were refused. */
  readonly texts: ReadonlySet<string>;
  readonly reason: string;
  readonly basis: string;
}

/** What was sent in an address, where the client should not have put it: only a record of addresses may show it. */
export const MISDIRECTED = { name: '误投地址栏人', number: '999999198203045670' } as const;

const TYPES = [RESIDENT_ID, BUSINESS, DRIVING];
const COUNTS = { people: 8, businesses: 3, drivers: 6 };
const REASON = '当事人蒋晓芸申请注销';
const BASIS = '粤证办〔2026〕第三百一十七号';
const WRONG = {
  header: 'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo',
  lines: [
    '校验错误甲,2,01,1961-05-17,错行省甲路十七号,999999196105170000,2020-03-28,2030-03-28',
    '日期错误乙,2,01,1962-13-40,错行省乙路十八号,999999196209091234,2020-03-28,2030-03-28',
    '性别错误丙,9,01,1963-07-21,错行省丙路十九号,999999196307215678,2020-03-28,2030-03-28',
    '列数错误丁,2,01,1964-08-22,错行省丁路二十号,多出一列戊,999999196408224321,2020-03-28',
    '"引号错误己,2,01,1965-09-23,错行省己路廿一号,999999196509238765,2020-03-28,2030-03-28',
  ],
} as const;

/** The network of this run, whose gateways record the addresses they are asked for. */
export function startRecordedNetwork(dataDir: string): Promise<RunningNetwork> {
  const gateway = fileURLToPath(new URL('../support/recording-gateway.mjs', import.meta.url));
  return runNetwork({
    dataDir,
    progress: () => undefined,
    gateway: [gateway],
    startLedger: ({ dataDir: folder, file, progress }) =>
      startEmbeddedTour({ dataDir: folder, file, progress }),
  });
}

/** Works through the day; everything accepted is anchored when it ends. */
export async function workThroughDay(
  network: RunningNetwork,
  wallet: string,
): Promise<PersonalRun> {
  const desk = new Desk(network);
  for (const { name, text } of generateSamples('privacy', COUNTS)) {
    const type = TYPES.find(({ code }) => `${code}.csv` === name);
    if (type !== undefined) await desk.importGood(type, text);
  }
  await desk.sendWrong();
  await desk.carryAndCheck(wallet);
  return desk;
}

class Desk implements PersonalRun {
  readonly licences: KnownLicence[] = [];
  readonly anchored: Uint8Array[] = [];
  readonly texts = new Set([REASON, BASIS]);
  readonly reason = REASON;
  readonly basis = BASIS;
  readonly #network: RunningNetwork;
  readonly #ids: string[] = [];
  readonly #codes: string[] = [];

  constructor(network: RunningNetwork) {
    this.#network = network;
  }

  /** Imports a file and reads everything of every licence it brought, found by number and by subject. */
  async importGood(type: TypeDefinition, csv: string): Promise<void> {
    const officer = createDemoClient(this.#url('P44'), this.#token('P44', 'officer'));
    const job = await officer.importCsv(type.code, csv);
    expect(job.accepted, type.code).to.equal(job.total).above(2);
    const { licences } = await this.#ask<{
      licences: readonly { id: string; line: number; number: string }[];
    }>('officer', `imports/${job.id}/licences`);
    expect(licences.length).to.equal(job.total);
    const [header = '', ...lines] = csv.trim().split('\n');
    for (const { id, line, number } of licences) {
      const cells = (lines[line - 2] ?? '').split(',');
      const texts = Object.fromEntries(header.split(',').map((name, i) => [name, cells[i] ?? '']));
      await this.#ask('officer', 'licences/search', { body: { number } });
      expect(await officer.find(type.code, texts[type.subject] ?? '')).to.equal(id);
      await this.#know(type, id, texts);
      this.texts.add(number);
    }
  }

  async #know(type: TypeDefinition, id: string, texts: Record<string, string>): Promise<void> {
    const view = await this.#ask<{
      version: number;
      fields: readonly { slot: string; text: string }[];
    }>('officer', `licences/${id}?unmask=true`);
    const serial = view.fields.find(({ slot }) => slot === 'serial')?.text ?? '';
    const { text } = await this.#ask<{ text: string }>('officer', `licences/${id}/code?set=full`);
    const wire = parseWire(text);
    const issued = { serial, version: view.version, today: dayAt(Date.now() / 1000) };
    const known = knowLicence(type, texts, issued, wire);
    const { cose, fields } = openPresentation(wire, type);
    for (const { slot, value } of fields) {
      const ours = known.fields.find((field) => field.slot === slot.name)?.value ?? null;
      expect(ours, slot.name).to.deep.equal(value);
    }
    this.licences.push(known);
    this.anchored.push(anchorArgument(cose));
    this.#ids.push(id);
    this.#codes.push(text);
    this.texts.add(text);
  }

  /** Everything a desk refuses, with people in it. */
  async sendWrong(): Promise<void> {
    const { header, lines } = WRONG;
    const officer = createDemoClient(this.#url('P44'), this.#token('P44', 'officer'));
    const job = await officer.importCsv('resident-id', [header, ...lines].join('\n'));
    expect(job.accepted).to.equal(0);
    expect(job.total).to.equal(lines.length);
    const cells = lines.flatMap((line) => line.replaceAll('"', '').split(','));
    for (const cell of cells) if (cell.length > 4 && !cell.startsWith('20')) this.texts.add(cell);
    const fields = { name: '表单错误庚', idNumber: '999999196610244444', address: '错行省庚路' };
    for (const text of Object.values(fields)) this.texts.add(text);
    const { name, idNumber } = fields;
    await this.#refused('licences', { type: 'resident-id', fields });
    await this.#refused('licences', { type: name, fields });
    await this.#refused('licences', `{"type": "resident-id", "fields": {"name": "${name}"`);
    const subject = { type: 'resident-id', subject: idNumber };
    await this.#refused('licences/search', { ...subject, name });
    for (const body of [subject, { number: `${idNumber} ${name}` }]) {
      await this.#ask('officer', 'licences/search', { body });
    }
    await this.#refused(`imports?type=resident-id`, `${name},${idNumber}\n${name},${idNumber}\n`, {
      'content-type': 'text/csv',
    });
    await this.#refused('licences', { type: 'resident-id', fields }, { authorization: name });
    await this.#refused('licences', { type: 'resident-id', fields }, { 'idempotency-key': name });
    const inAddress = `licences/${MISDIRECTED.number}?name=${encodeURIComponent(MISDIRECTED.name)}`;
    await this.#refused(inAddress);
  }

  /** Claims into a wallet, shows, checks and recognises elsewhere, suspends, corrects, revokes; the regulator looks. */
  async carryAndCheck(wallet: string): Promise<void> {
    const drivers = this.licences.findIndex(({ type }) => type === DRIVING);
    const id = this.#ids[drivers] ?? '';
    const officer = createDemoClient(this.#url('P44'), this.#token('P44', 'officer'));
    await runWallet(wallet, ['init']);
    const { code } = await officer.claimCode(id);
    const { fingerprint } = this.#network.tour;
    const at = ['--gateway', this.#url('P44'), '--fingerprint', fingerprint];
    await runWallet(wallet, ['claim', code, ...at]);
    const shown = await runWallet(wallet, ['present', 'driving', '--set', 'full', '--text']);
    this.texts.add(shown);
    const presentations = [shown, ...this.#codes.slice(0, 3), `${shown}多余的文字`];
    const checked = await this.#ask<{ reports: readonly { verdict: string }[] }>(
      'clerk',
      'verifications',
      { service: 'P33', body: { presentations, act: 'general' } },
    );
    expect(checked.reports[0]?.verdict).to.equal('VALID');
    await this.#ask('clerk', 'recognitions', {
      service: 'P33',
      body: { presentation: this.#codes[drivers], act: 'roadside' },
    });
    const change = { class: 'administrative', reason: REASON, basis: BASIS };
    for (const state of ['suspended', 'valid', 'revoked']) {
      const body = { ...change, state, ...(state === 'valid' && { class: 'reinstated' }) };
      await this.#ask('officer', `licences/${id}/status`, { body });
    }
    await this.#ask('officer', `trace?licence=${id}`, { role: 'regulator' });
    expect(
      await createDemoClient(this.#url('REG'), this.#token('REG', 'regulator')).trailChecked(
        id,
        'P44',
      ),
    ).to.equal('proven');
  }

  #url(service: string): string {
    return this.#network.tour.services.find(({ name }) => name === service)?.url ?? '';
  }

  #token(service: string, role: string): string {
    const found = this.#network.tour.tokens.find((t) => t.service === service && t.role === role);
    return found?.token ?? '';
  }

  async #ask<T = unknown>(
    role: string,
    route: string,
    more: { readonly service?: string; readonly role?: string; readonly body?: unknown } = {},
  ): Promise<T> {
    const { service = 'P44', body } = more;
    const response = await this.#send(service, more.role ?? role, route, body);
    const answer: unknown = await response.json();
    expect(response.ok, `${route}: ${JSON.stringify(answer)}`).to.equal(true);
    return answer as T;
  }

  async #refused(
    route: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const response = await this.#send('P44', 'officer', route, body, headers);
    expect(response.status, route).to.be.within(400, 499);
    await response.text();
  }

  #send(
    service: string,
    role: string,
    route: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const ascii = Object.entries(headers).map(([name, value]) => [name, encodeURI(value)]);
    return fetch(`${this.#url(service)}/v1/${route}`, {
      ...(body === undefined
        ? {}
        : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${this.#token(service, role)}`,
        'content-type': 'application/json',
        'purpose-code': 'audit',
        ...(Object.fromEntries(ascii) as Record<string, string>),
      },
    });
  }
}

/** Folder of the wallet beside the network's. */
export function walletIn(folder: string): string {
  return join(folder, 'wallet');
}
