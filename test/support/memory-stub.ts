// SPDX-License-Identifier: Apache-2.0
// The built chaincode bundles on a state in memory, through fabric-contract-api's own dispatch. Every transaction
// is executed twice, as two organisations would, and must leave the same answer, reads and writes.
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { fromBase64, utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import type { CborInput, CborValue } from '@zhenglian/core/cbor';
import type { TestMember } from './organisation.ts';

/** A transaction or question. */
export interface MemoryCall {
  readonly chaincode: string;
  readonly name: string;
  readonly request: CborInput;
  readonly leaves?: Uint8Array;
  readonly by: Pick<TestMember, 'msp' | 'certificatePem'>;
  readonly at: number;
}

/** What came of it; `value` is the decoded answer, undefined where a function returns nothing. */
export interface MemoryResult {
  readonly status: number;
  readonly message: string;
  readonly value: CborValue | undefined;
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlyMap<string, string>;
  /** Calls of the state, as a peer would see them. */
  readonly stateCalls: number;
}

/** The ledger of a test. */
export interface MemoryLedger {
  /** Runs a transaction and commits it when it succeeds. */
  submit(call: MemoryCall): Promise<MemoryResult>;
  /** Runs a question; nothing is committed. */
  evaluate(call: MemoryCall): Promise<MemoryResult>;
  /** Keys and values (hex) of one chaincode, in order. */
  dump(chaincode: string): ReadonlyMap<string, string>;
}

interface Response {
  readonly status: number;
  readonly message?: string;
  readonly payload?: Uint8Array;
}
interface Dispatch {
  Invoke(stub: unknown): Promise<Response>;
}
interface Trace {
  readonly reads: Set<string>;
  readonly writes: Map<string, string>;
  stateCalls: number;
}

type Run = (
  call: MemoryCall,
  chaincode: string,
  args: readonly Buffer[],
  trace: Trace,
) => Promise<Response>;

const require = createRequire(import.meta.url);
const CHANNEL = 'zhenglian';

/** Loads the bundles, built anew when their sources have changed. */
export async function createMemoryLedger(): Promise<MemoryLedger> {
  process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'CRITICAL';
  const build = (await import(new URL('../../scripts/build.mjs', import.meta.url).href)) as {
    buildStale(names: readonly string[], say: () => void): Promise<void>;
  };
  await build.buildStale(['chaincode'], () => undefined);
  const zl = dispatchOf('zl');
  const province = dispatchOf('province');
  const states = new Map<string, Map<string, Buffer>>();
  const run: Run = (call, chaincode, args, trace) =>
    (chaincode === 'zl' ? zl : province).Invoke(
      createStub(call, chaincode, args, trace, states, (name, inner) =>
        run(call, name, inner, trace),
      ),
    );
  const execute = async (call: MemoryCall): Promise<MemoryResult> => {
    const [once, twice] = [await executeOnce(run, call), await executeOnce(run, call)];
    assert.deepEqual(once, twice, 'two executions of one transaction differ');
    return once;
  };
  return {
    evaluate: execute,
    dump: (chaincode) =>
      new Map(
        sorted(states.get(chaincode) ?? new Map()).map(([key, v]) => [key, v.toString('hex')]),
      ),
    async submit(call) {
      const result = await execute(call);
      if (result.status === 200) commit(states, result.writes);
      return result;
    },
  };
}

function dispatchOf(bundle: string): Dispatch {
  const { contracts } = require(`../../chaincode/dist/${bundle}/index.cjs`) as {
    contracts: readonly unknown[];
  };
  const Dispatcher = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as new (
    contracts: unknown[],
    serializers: unknown,
  ) => Dispatch;
  const { JSONSerializer } = require('fabric-contract-api') as { JSONSerializer: unknown };
  const serializers = { transaction: 'json', serializers: { json: JSONSerializer } };
  return new Dispatcher([...contracts], serializers);
}

async function executeOnce(run: Run, call: MemoryCall): Promise<MemoryResult> {
  const trace: Trace = { reads: new Set(), writes: new Map(), stateCalls: 0 };
  const args = [utf8(call.name), encodeCbor(call.request), ...(call.leaves ? [call.leaves] : [])];
  const response = await run(
    call,
    call.chaincode,
    args.map((arg) => Buffer.from(arg)),
    trace,
  );
  const text = Buffer.from(response.payload ?? []).toString();
  return {
    status: response.status,
    message: response.message ?? '',
    value: text === '' ? undefined : decodeCbor(fromBase64(text)),
    ...trace,
  };
}

function createStub(
  call: MemoryCall,
  chaincode: string,
  args: readonly Buffer[],
  trace: Trace,
  states: ReadonlyMap<string, ReadonlyMap<string, Buffer>>,
  invoke: (chaincode: string, args: readonly Buffer[]) => Promise<Response>,
) {
  const state = states.get(chaincode) ?? new Map<string, Buffer>();
  const extension = chaincodeExtension(call.chaincode);
  return {
    getBufferArgs: () => args,
    getTxID: () => 'transaction',
    getChannelID: () => CHANNEL,
    getTxTimestamp: () => ({ seconds: { toNumber: () => call.at }, nanos: 999_000_000 }),
    getCreator: () => ({ mspid: call.by.msp, idBytes: Buffer.from(call.by.certificatePem) }),
    getSignedProposal: () => ({
      proposal: { header: { channelHeader: { getExtension_asU8: () => extension } } },
    }),
    getState(key: string) {
      trace.stateCalls += 1;
      trace.reads.add(`${chaincode} ${key}`);
      return Promise.resolve(state.get(key) ?? Buffer.alloc(0));
    },
    putState(key: string, value: Uint8Array) {
      trace.stateCalls += 1;
      assert.ok(value.length > 0, 'an empty value is a deletion');
      trace.writes.set(`${chaincode} ${key}`, Buffer.from(value).toString('hex'));
      return Promise.resolve();
    },
    async *getStateByRange(start: string, end: string) {
      trace.stateCalls += 1;
      trace.reads.add(`${chaincode} ${start}…${end}`);
      for (const [key, value] of sorted(state)) {
        if (key >= start && key < end) yield Promise.resolve({ key, value });
      }
    },
    invokeChaincode: (name: string, inner: readonly Uint8Array[]) =>
      invoke(
        name,
        inner.map((arg) => Buffer.from(arg)),
      ),
  };
}

/** ChaincodeHeaderExtension { chaincode_id = 2 { name = 2 } }. */
function chaincodeExtension(name: string): Uint8Array {
  const id = [0x12, name.length, ...Buffer.from(name)];
  return Uint8Array.from([0x12, id.length, ...id]);
}

function commit(
  states: Map<string, Map<string, Buffer>>,
  writes: ReadonlyMap<string, string>,
): void {
  for (const [place, value] of writes) {
    const [chaincode = '', key = ''] = place.split(' ');
    const state = states.get(chaincode) ?? new Map<string, Buffer>();
    states.set(chaincode, state.set(key, Buffer.from(value, 'hex')));
  }
}

function sorted<T>(map: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
