// SPDX-License-Identifier: Apache-2.0
// A whole life on the ledger, as a vector: every transaction with what came of it, and the state at the end.
// `npx tsx test/support/ledger-life.ts` writes test/vectors/ledger/life.json anew (with new certificates).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeCbor } from '@zhenglian/core/cbor';
import { emptyChain } from '@zhenglian/core/records/status';
import { traceChain } from '@zhenglian/core/records/trace-root';
import {
  codeOf,
  createWorkingConsortium,
  enact,
  GUANGDONG,
  keyRequest,
  testKey,
} from './consortium.ts';
import {
  anchor,
  batchRequest,
  ruleRequest,
  setStatuses,
  statusChange,
  testLeaves,
  testRule,
} from './consortium-requests.ts';
import { createMemoryLedger } from './memory-stub.ts';
import type { MemoryCall, MemoryLedger, MemoryResult } from './memory-stub.ts';

/** One call; bytes are lower-case hex. `answer` is the decoded base64 of what the function returned. */
export interface LifeStep {
  readonly kind: 'transaction' | 'question';
  readonly chaincode: string;
  readonly name: string;
  readonly msp: string;
  readonly certificate: string;
  readonly at: number;
  readonly request: string;
  readonly leaves?: string;
  readonly code: string;
  readonly answer: string;
}

/** The vector. */
export interface LedgerLife {
  readonly certificates: Readonly<Record<string, string>>;
  readonly steps: readonly LifeStep[];
  readonly state: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const PATH = fileURLToPath(new URL('../vectors/ledger/life.json', import.meta.url));
const CHAINCODES = ['zl', 'zl-p44', 'zl-reg'];

/** The vector as it is kept. */
export function readLife(): LedgerLife {
  return JSON.parse(readFileSync(PATH, 'utf8')) as LedgerLife;
}

/** Keys and values at the end, of every chaincode. */
export function dumpAll(ledger: MemoryLedger): LedgerLife['state'] {
  return Object.fromEntries(
    CHAINCODES.map((name) => [name, Object.fromEntries(ledger.dump(name))] as const),
  );
}

/** What a function returned, in hex. */
export function answerOf({ value }: MemoryResult): string {
  return value === undefined ? '' : Buffer.from(encodeCbor(value)).toString('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const life = await recordLife();
  mkdirSync(new URL('../vectors/ledger', import.meta.url), { recursive: true });
  writeFileSync(PATH, `${JSON.stringify(life, null, 2)}\n`);
}

async function recordLife(): Promise<LedgerLife> {
  const ledger = await createMemoryLedger();
  const steps: LifeStep[] = [];
  const certificates: Record<string, string> = {};
  const note = (kind: LifeStep['kind'], call: MemoryCall, result: MemoryResult) => {
    const pem = call.by.certificatePem;
    const known = Object.entries(certificates).find(([, value]) => value === pem)?.[0];
    const certificate = known ?? `${call.by.msp} ${String(Object.keys(certificates).length)}`;
    certificates[certificate] = pem;
    const { chaincode, name, at, leaves } = call;
    steps.push({
      kind,
      chaincode,
      name,
      msp: call.by.msp,
      certificate,
      at,
      request: Buffer.from(encodeCbor(call.request)).toString('hex'),
      ...(leaves && { leaves: Buffer.from(leaves).toString('hex') }),
      code: codeOf(result),
      answer: answerOf(result),
    });
    return result;
  };
  await live({
    dump: (chaincode) => ledger.dump(chaincode),
    submit: async (call) => note('transaction', call, await ledger.submit(call)),
    evaluate: async (call) => note('question', call, await ledger.evaluate(call)),
  });
  return { certificates, steps, state: dumpAll(ledger) };
}

async function live(ledger: MemoryLedger): Promise<void> {
  const c = await createWorkingConsortium(ledger);
  const { P44, P33, REG } = c.parties;
  await enact(c, 'policy', {
    act: 'roadside',
    label: { zh: '路面', en: 'Roadside' },
    maxBundleAge: 86_400,
    maxStatusAge: 86_400,
    leastHolder: 'recent',
    leastAnchor: 'covered',
  });
  await anchor(c, 5);
  await setStatuses(c, statusChange(c, 2, { state: 'suspended', class: 'lost' }));
  await setStatuses(c, statusChange(c, 2, { state: 'valid', class: 'reinstated' }));
  await c.submit(P44.client, 'zl', 'SubmitRule', ruleRequest(c, testRule(), testKey('gd')));
  await c.submit(P33.client, 'zl', 'SubmitRule', ruleRequest(c, testRule(), testKey('zj')));
  const burn = { kid: testKey('gd').kid, lastGood: new Map([[1, 4]]) };
  await c.submit(P44.client, 'zl', 'BurnKey', burn);
  const leaves = testLeaves(3);
  const position = { n: 1, first: 5 };
  const submit = (request: ReturnType<typeof batchRequest>) =>
    c.run(P44.client, 'zl-p44', 'SubmitBatch', request, leaves);
  await submit(batchRequest(c, leaves, position));
  await c.submit(P44.client, 'zl', 'RegisterKey', keyRequest(c, 'P44', GUANGDONG, 'gd-2'));
  const key = testKey('gd-2');
  await submit(batchRequest(c, leaves, position, { key }));
  await setStatuses(
    c,
    statusChange(c, 2, {}, { key }),
    statusChange(c, 7, { n: 1, class: 'judicial' }, { key }),
  );
  const root = new Uint8Array(32).fill(5);
  const trace = { instance: 'reg-1', n: 0, first: 0, count: 3, root, previous: emptyChain() };
  await c.submit(REG.client, 'zl-reg', 'AnchorTrace', trace);
  const next = { ...trace, n: 1, first: 3, previous: traceChain(trace) };
  await c.submit(REG.client, 'zl-reg', 'AnchorTrace', next);
  const nonce = new Uint8Array(16).fill(1);
  await c.ask(P33.client, 'zl', 'TrustBundle', { nonce });
  await c.ask(P33.client, 'zl-p44', 'EpochEvidence', { uscc: GUANGDONG, epoch: 1, nonce });
  await c.ask(P33.client, 'zl', 'Proposals', {});
}
