// SPDX-License-Identifier: Apache-2.0
// One proposal run against one organisation's state: a handler for fabric-shim's stub that records what is read and written.
// As on Fabric, a contract sees the committed state, never its own writes.
import { CodedError } from '@zhenglian/core/errors';
import { compareKeys, kvRead } from './key-value.ts';
import { ledger } from '../protos.ts';
import { RangeSummary } from './range-summary.ts';
import type { KeyedEntry, StateSnapshot, StateStore, Version } from './state-store.ts';

const { kvrwset } = ledger.rwset;

/** What a chaincode answered: fabric-shim's response. */
export interface ContractResponse {
  readonly status: number;
  readonly message?: string;
  readonly payload?: Uint8Array;
  readonly event?: ContractEvent;
}

/** What a contract wants told to whoever reads the block. */
export interface ContractEvent {
  readonly name: string;
  readonly payload: Uint8Array;
}

/** Runs another chaincode inside the same transaction. */
export type InvokeOther = (
  chaincode: string,
  args: readonly Uint8Array[],
) => Promise<ContractResponse>;

interface Range {
  readonly start: string;
  end: string;
  exhausted: boolean;
  readonly summary: RangeSummary;
}

interface NamespaceSet {
  readonly reads: Map<string, Version | null>;
  readonly writes: Map<string, Uint8Array | null>;
  readonly ranges: Range[];
}

/** Keys one range query may return; Fabric's totalQueryLimit, where it cuts in silence. */
const MAX_RESULTS = 100_000;
const MAX_WRITES = 20_000;

/** The record of one transaction's execution. */
export class Simulation {
  readonly #state: StateStore;
  readonly #snapshot: StateSnapshot;
  readonly #namespaces = new Map<string, NamespaceSet>();

  constructor(state: StateStore) {
    this.#state = state;
    this.#snapshot = state.snapshot();
  }

  /** The handler of a stub that works in a chaincode's namespace. */
  handler(namespace: string, invoke: InvokeOther): StubHandler {
    return new StubHandler(this, namespace, invoke);
  }

  read(namespace: string, key: string): Uint8Array {
    const entry = this.#state.get(namespace, key, this.#snapshot);
    const { reads } = this.#namespace(namespace);
    if (!reads.has(key)) reads.set(key, entry?.version ?? null);
    return entry?.value ?? new Uint8Array(0);
  }

  write(namespace: string, key: string, value: Uint8Array | null): void {
    const { writes } = this.#namespace(namespace);
    if (writes.size >= MAX_WRITES) throw new CodedError('LEDGER_REFUSED', 'too many writes');
    writes.set(key, value);
  }

  async *range(
    namespace: string,
    start: string,
    end: string,
  ): AsyncGenerator<KeyedEntry, undefined> {
    const range = { start, end, exhausted: false, summary: new RangeSummary() };
    this.#namespace(namespace).ranges.push(range);
    let count = 0;
    let last = start;
    try {
      for await (const entry of this.#state.range(namespace, start, end, this.#snapshot)) {
        if (++count > MAX_RESULTS) throw new CodedError('LEDGER_REFUSED', 'a range is too long');
        range.summary.add(entry.key, entry.version);
        last = entry.key;
        yield entry;
      }
      range.exhausted = true;
      return undefined;
    } finally {
      // A query left early vouches only for what it saw: up to and with the last key.
      if (!range.exhausted) range.end = last;
    }
  }

  /** Fabric's TxReadWriteSet. */
  readWriteSet(): Uint8Array {
    const whole = new ledger.rwset.TxReadWriteSet();
    whole.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV);
    const names = [...this.#namespaces.keys()].sort(compareKeys);
    whole.setNsRwsetList(
      names.map((name) => {
        const message = new ledger.rwset.NsReadWriteSet();
        message.setNamespace(name);
        message.setRwset(encodeNamespace(this.#namespace(name)));
        return message;
      }),
    );
    return whole.serializeBinary();
  }

  async close(): Promise<void> {
    await this.#snapshot.close();
  }

  #namespace(name: string): NamespaceSet {
    const known = this.#namespaces.get(name);
    if (known) return known;
    const fresh = { reads: new Map(), writes: new Map(), ranges: [] };
    this.#namespaces.set(name, fresh);
    return fresh;
  }
}

/** The part of fabric-shim's peer handler that contracts of this product may use; anything else is refused. */
export class StubHandler {
  readonly #simulation: Simulation;
  readonly #namespace: string;
  readonly #invoke: InvokeOther;

  constructor(simulation: Simulation, namespace: string, invoke: InvokeOther) {
    this.#simulation = simulation;
    this.#namespace = namespace;
    this.#invoke = invoke;
  }

  handleGetState(collection: string, key: string): Promise<Uint8Array> {
    return this.#promise(collection, () =>
      Buffer.from(this.#simulation.read(this.#namespace, key)),
    );
  }

  handlePutState(collection: string, key: string, value: Uint8Array): Promise<void> {
    return this.#promise(collection, () => {
      if (value.length === 0)
        throw new CodedError('LEDGER_REFUSED', 'an empty value is a deletion');
      this.#simulation.write(this.#namespace, key, new Uint8Array(value));
    });
  }

  handleDeleteState(collection: string, key: string): Promise<void> {
    return this.#promise(collection, () => {
      this.#simulation.write(this.#namespace, key, null);
    });
  }

  handleGetStateByRange(
    collection: string,
    start: string,
    end: string,
    _channel: string,
    _transaction: string,
    metadata?: Uint8Array,
  ): Promise<{ iterator: unknown }> {
    return this.#promise(collection, () => {
      if (metadata) throw new CodedError('LEDGER_REFUSED', 'pages of a range are not offered');
      const entries = this.#simulation.range(this.#namespace, start, end);
      const next = async () => {
        const step: IteratorResult<KeyedEntry, undefined> = await entries.next();
        if (step.done === true) return { done: true };
        const { key, value } = step.value;
        return { value: { key, value: Buffer.from(value) }, done: false };
      };
      return { iterator: { next, close: () => entries.return(undefined) } };
    });
  }

  async handleInvokeChaincode(
    name: string,
    args: readonly (Uint8Array | string)[],
  ): Promise<unknown> {
    const { status, message, payload } = await this.#invoke(
      name,
      args.map((arg) => Buffer.from(arg)),
    );
    // As on Fabric, the event of a chaincode that was invoked by another is dropped.
    return { status, message, payload: Buffer.from(payload ?? []) };
  }

  async #promise<T>(collection: string, act: () => T): Promise<T> {
    if (collection !== '') throw new CodedError('LEDGER_REFUSED', 'private data is not offered');
    return Promise.resolve(act());
  }
}

function encodeNamespace({ reads, writes, ranges }: NamespaceSet): Uint8Array {
  const set = new kvrwset.KVRWSet();
  const readKeys = [...reads.keys()].sort(compareKeys);
  set.setReadsList(readKeys.map((key) => kvRead(key, reads.get(key) ?? null)));
  set.setRangeQueriesInfoList(
    ranges.map(({ start, end, exhausted, summary }) => {
      const info = new kvrwset.RangeQueryInfo();
      info.setStartKey(start);
      info.setEndKey(end);
      info.setItrExhausted(exhausted);
      summary.writeTo(info);
      return info;
    }),
  );
  const writeKeys = [...writes.keys()].sort(compareKeys);
  set.setWritesList(
    writeKeys.map((key) => {
      const write = new kvrwset.KVWrite();
      const value = writes.get(key) ?? null;
      write.setKey(key);
      write.setIsDelete(value === null);
      if (value) write.setValue(value);
      return write;
    }),
  );
  return set.serializeBinary();
}
