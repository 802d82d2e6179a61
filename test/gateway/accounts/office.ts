// SPDX-License-Identifier: Apache-2.0
// A whole gateway over a ledger under the test's hand: enough to sign in at, without a network to start.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import type { Test } from 'supertest';
import { CodedError } from '@zhenglian/core/errors';
import { ROLES } from '../../../gateway/src/accounts/principal.ts';
import type { Role, Scope } from '../../../gateway/src/accounts/principal.ts';
import type { Config } from '../../../gateway/src/config.ts';
import { createGateway } from '../../../gateway/src/gateway.ts';
import type { Gateway } from '../../../gateway/src/gateway.ts';
import { createLog } from '../../../gateway/src/log.ts';
import { PAGE_HEADER } from '../../../gateway/src/middleware/session-cookie.ts';
import { openDatabase } from '../../../gateway/src/store/database.ts';
import { sealTable } from '../../../gateway/src/store/sealed-table.ts';
import { openVault } from '../../../gateway/src/store/vault.ts';
import { tokenDigest } from '../../../gateway/src/tokens.ts';
import type { TraceEntry } from '../../../gateway/src/trace/trace-entry.ts';
import { decodeRow } from '../../../gateway/src/trace/trace-rows.ts';
import { fakeLedger } from '../fake-ledger.ts';
import { checkAnswer, TOKENS } from '../call-app.ts';
import { DOOR, GUANGDONG, keyFolder, TYPES } from '../support.ts';

type Method = 'get' | 'post' | 'patch' | 'delete';

export const PASSWORD = 'a long password of the tests';
export const ALL: Scope = { divisions: 'all', types: 'all' };

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

export interface Sent {
  readonly token?: string;
  readonly cookie?: string;
  readonly body?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway to sign in at; its clock stands still unless it is moved. */
export interface Office {
  readonly gateway: Gateway;
  readonly logs: string[];
  now: number;
  send(method: Method, path: string, sent?: Sent): Promise<Answer>;
  /** As the administrator of the bootstrap token. */
  admin(method: 'get' | 'post', path: string, body?: unknown): Promise<Answer>;
  /** An account with `PASSWORD`; its id. */
  person(name: string, roles: readonly Role[], scope?: Scope): Promise<string>;
  /** Signs in, gives the cookie as a browser sends it. */
  signIn(name: string, more?: { readonly code?: string }): Promise<string>;
  /** What the trace says of a kind of act; the gateway is opened anew for it. */
  traced(kind: string): Promise<readonly TraceEntry[]>;
  /** All bytes of the store's files, with the gateway stopped meanwhile. */
  onDisk(): Promise<Buffer>;
  restart(): Promise<void>;
  /** After the test itself has stopped the gateway. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export async function openOffice(more: Partial<Config> = {}): Promise<Office> {
  const dataDir = await mkdtemp(join(tmpdir(), 'zhenglian-office-'));
  const config = { ...configOf(dataDir), ...more };
  const logs: string[] = [];
  // Nothing is ever anchored: a replica that is level with no blocks waits for none when it is opened again.
  const ledger = fakeLedger();
  ledger.onSubmit = () => Promise.reject(new CodedError('LEDGER_UNAVAILABLE', 'away'));
  const open = () =>
    createGateway(config, {
      ledger,
      clock: () => office.now,
      random: (length) => new Uint8Array(randomBytes(length)),
      log: createLog('info', { write: (line) => void logs.push(line) }),
    });
  const parts = { now: 1_800_000_000, logs };
  const office: Office & { gateway: Gateway } = Object.assign(parts, {
    gateway: undefined as unknown as Gateway,
    async send(method: Method, path: string, sent: Sent = {}) {
      const call = request(office.gateway.app)[method](path);
      const answer = await dress(call, sent);
      const body: unknown = answer.text === '' ? undefined : JSON.parse(answer.text);
      checkAnswer(method, path, answer.status, body);
      const cookies = (answer.headers['set-cookie'] ?? []) as unknown as string[];
      return { status: answer.status, body, headers: answer.headers, cookies };
    },
    admin: (method: 'get' | 'post', path: string, body?: unknown) =>
      office.send(method, path, { token: TOKENS.administrator, body }),
    async person(name: string, roles: readonly Role[], scope: Scope = ALL) {
      const made = await office.admin('post', '/v1/accounts', { name, roles, scope });
      const { id, invitation } = made.body as { id: string; invitation: string };
      const body = { name, invitation, password: PASSWORD };
      const done = await office.send('post', '/v1/accounts/activation', { body });
      if (done.status !== 200) throw new Error(JSON.stringify(done.body));
      return id;
    },
    async signIn(name: string, credentials: { readonly code?: string } = {}) {
      const body = { name, password: PASSWORD, ...credentials };
      const answer = await office.send('post', '/v1/session', { body });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      return cookieOf(answer);
    },
    async traced(kind: string) {
      await office.gateway.stop();
      const database = await openDatabase(join(dataDir, 'store'));
      const vault = await openVault(join(dataDir, 'master.key'), { isEmpty: false });
      const entries: TraceEntry[] = [];
      for await (const row of sealTable(database.table('trace'), vault).range({ prefix: 'entry/' }))
        entries.push(...decodeRow(row));
      await database.close();
      office.gateway = await open();
      return entries.filter((entry) => entry.kind === kind);
    },
    async onDisk() {
      await office.gateway.stop();
      const names = await readdir(join(dataDir, 'store'));
      const files = await Promise.all(names.map((name) => readFile(join(dataDir, 'store', name))));
      office.gateway = await open();
      return Buffer.concat(files);
    },
    async reopen() {
      office.gateway = await open();
    },
    async restart() {
      await office.gateway.stop();
      office.gateway = await open();
    },
    async close() {
      await office.gateway.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });
  office.gateway = await open();
  return office;
}

/** The cookie that an answer set, as a browser sends it back. */
export function cookieOf(answer: Answer): string {
  return (answer.cookies.at(-1) ?? '').split(';', 1).join('');
}

function dress(call: Test, { token, cookie, body, form, headers = {} }: Sent): Test {
  if (token !== undefined) call.set('Authorization', `Bearer ${token}`);
  if (cookie !== undefined) call.set({ Cookie: cookie, [PAGE_HEADER]: '1' });
  for (const [name, value] of Object.entries(headers)) {
    if (value === '') call.unset(name);
    else call.set(name, value);
  }
  if (form !== undefined) call.type('form').send(form);
  else if (body !== undefined) call.send(body as object);
  return call;
}

function configOf(dataDir: string): Config {
  return {
    msp: 'P44',
    name: { zh: '广东', en: 'Guangdong' },
    dataDir,
    host: '127.0.0.1',
    port: 0,
    ledger: { engine: 'embedded', url: 'http://127.0.0.1:1' },
    channel: 'zhenglian',
    identity: { certificatePem: '', keyPem: '' },
    authorities: [{ uscc: GUANGDONG, types: TYPES }],
    networkId: new Uint8Array(32),
    pageDir: undefined,
    tokens: Object.fromEntries(ROLES.map((role) => [role, [tokenDigest(TOKENS[role])]])),
    sources: [],
    rules: [],
    tls: undefined,
    door: DOOR,
    store: { masterKeyPath: join(dataDir, 'master.key') },
    batchMilliseconds: 100,
    importMaxBytes: 2 ** 32,
    logLevel: 'info',
    oidc: undefined,
    observing: { admin: undefined, tracesUrl: undefined },
    signer: keyFolder(dataDir),
    attached: false,
    fault: undefined,
    readOnly: false,
  };
}
