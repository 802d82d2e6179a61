// SPDX-License-Identifier: Apache-2.0
// The ledger of a test on bundles that hosts serve: the small peer simulates transactions over maps, one a chaincode name, and commits them.
import { randomBytes } from 'node:crypto';
import { fromBase64, utf8 } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { serializeIdentity } from '../../network/identity.ts';
import { createProposal, signProposal } from '../../network/proposal.ts';
import { ledger, peer } from '../../network/protos.ts';
import { filled, messageOf, TYPE } from './small-peer.ts';
import type { MemoryCall, MemoryLedger, MemoryResult } from './memory-stub.ts';
import type { ChaincodeChat, ChaincodeMessage } from './small-peer.ts';

/** A ledger over the wire, and what was asked of its peer. */
export interface SmallLedger extends MemoryLedger {
  /** Messages of chaincodes to the peer so far, by type. */
  readonly asked: ReadonlyMap<number, number>;
  /** Bytes of the largest TRANSACTION sent. */
  readonly largest: number;
}

interface Simulation {
  readonly reads: Set<string>;
  readonly writes: Map<string, string>;
  readonly start: (chaincode: string, args: readonly Uint8Array[]) => Promise<ChaincodeMessage>;
  readonly pages: Map<string, ledger.queryresult.KV[]>;
  stateCalls: number;
}
type Serve = (
  request: ChaincodeMessage,
  chaincode: string,
  simulation: Simulation,
) => Promise<Uint8Array>;

const CHANNEL = 'zhenglian';
/** Small, so that every longer range takes several messages. */
const PAGE = 2;
const OK = 200;

/** A ledger whose chaincode `zl` is one chat and whose every other chaincode is the other. */
export function openSmallLedger(zl: ChaincodeChat, province: ChaincodeChat): SmallLedger {
  const states = new Map<string, Map<string, Uint8Array>>();
  const asked = new Map<number, number>();
  let largest = 0;
  const evaluate = async (call: MemoryCall): Promise<MemoryResult> => {
    const args = [utf8(call.name), encodeCbor(call.request), ...(call.leaves ? [call.leaves] : [])];
    const { transactionId, bytes } = createProposal({
      channel: CHANNEL,
      chaincode: call.chaincode,
      args,
      creator: serializeIdentity(call.by.msp, call.by.certificatePem),
      nonce: randomBytes(24),
      at: call.at * 1000,
    });
    // A host believes its peer, which has checked the signature.
    const signed = peer.SignedProposal.deserializeBinary(signProposal(bytes, () => utf8('signed')));
    const simulation: Simulation = {
      ...{ reads: new Set(), writes: new Map(), pages: new Map(), stateCalls: 0 },
      start: (chaincode, given) => {
        const input = filled(new peer.ChaincodeInput(), (each) => each.setArgsList([...given]));
        const message = messageOf(TYPE.TRANSACTION, input.serializeBinary());
        message.setTxid(transactionId);
        message.setChannelId(CHANNEL);
        message.setProposal(signed);
        largest = Math.max(largest, message.serializeBinary().length);
        return (chaincode === 'zl' ? zl : province).execute(message, async (request) => {
          asked.set(request.getType(), (asked.get(request.getType()) ?? 0) + 1);
          const serve = SERVICES.get(request.getType());
          if (!serve) throw new Error(`no service ${String(request.getType())}`);
          return messageOf(TYPE.RESPONSE, await serve(request, chaincode, simulation), request);
        });
      },
    };
    return resultOf(await simulation.start(call.chaincode, args), simulation);
  };
  const SERVICES = servicesOf(states);
  return {
    asked,
    get largest() {
      return largest;
    },
    evaluate,
    async submit(call) {
      const result = await evaluate(call);
      if (result.status !== OK) return result;
      for (const [place, hex] of result.writes) {
        const [chaincode = '', key = ''] = place.split(' ');
        const state = states.get(chaincode) ?? new Map<string, Uint8Array>();
        states.set(chaincode, state.set(key, Buffer.from(hex, 'hex')));
      }
      return result;
    },
    dump: (chaincode) =>
      new Map(inOrder(states.get(chaincode)).map(([k, v]) => [k, Buffer.from(v).toString('hex')])),
  };
}

/** What a peer does for a chaincode, by the type of its message. */
function servicesOf(states: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>) {
  const services: readonly (readonly [number, Serve])[] = [
    [
      TYPE.GET_STATE,
      (request, chaincode, simulation) => {
        const key = peer.GetState.deserializeBinary(request.getPayload_asU8()).getKey();
        simulation.stateCalls += 1;
        simulation.reads.add(`${chaincode} ${key}`);
        return Promise.resolve(states.get(chaincode)?.get(key) ?? new Uint8Array(0));
      },
    ],
    [
      TYPE.PUT_STATE,
      (request, chaincode, simulation) => {
        const put = peer.PutState.deserializeBinary(request.getPayload_asU8());
        const value = Buffer.from(put.getValue_asU8()).toString('hex');
        simulation.stateCalls += 1;
        simulation.writes.set(`${chaincode} ${put.getKey()}`, value);
        return Promise.resolve(new Uint8Array(0));
      },
    ],
    [
      TYPE.GET_STATE_BY_RANGE,
      (request, chaincode, simulation) => {
        const asked = peer.GetStateByRange.deserializeBinary(request.getPayload_asU8());
        const [start, end] = [asked.getStartkey(), asked.getEndkey()];
        simulation.stateCalls += 1;
        simulation.reads.add(`${chaincode} ${start}…${end}`);
        const found = inOrder(states.get(chaincode)).filter(([key]) => key >= start && key < end);
        const id = String(simulation.pages.size);
        const values = found.map(([key, value]) =>
          filled(new ledger.queryresult.KV(), (each) => {
            each.setNamespace(chaincode);
            each.setKey(key);
            each.setValue(value);
          }),
        );
        simulation.pages.set(id, values);
        return Promise.resolve(nextPage(simulation, id));
      },
    ],
    [
      TYPE.QUERY_STATE_NEXT,
      (request, _chaincode, simulation) => {
        const id = peer.QueryStateNext.deserializeBinary(request.getPayload_asU8()).getId();
        return Promise.resolve(nextPage(simulation, id));
      },
    ],
    [
      TYPE.QUERY_STATE_CLOSE,
      (request) => {
        const id = peer.QueryStateClose.deserializeBinary(request.getPayload_asU8()).getId();
        const closed = filled(new peer.QueryResponse(), (each) => each.setId(id));
        return Promise.resolve(closed.serializeBinary());
      },
    ],
    [
      TYPE.INVOKE_CHAINCODE,
      async (request, _chaincode, simulation) => {
        const spec = peer.ChaincodeSpec.deserializeBinary(request.getPayload_asU8());
        const name = spec.getChaincodeId()?.getName() ?? '';
        const args = spec.getInput()?.getArgsList_asU8() ?? [];
        return (await simulation.start(name, args)).serializeBinary();
      },
    ],
  ];
  return new Map<number, Serve>(services);
}

function nextPage({ pages }: Simulation, id: string): Uint8Array {
  const left = pages.get(id) ?? [];
  pages.set(id, left.slice(PAGE));
  const results = left
    .slice(0, PAGE)
    .map((value) =>
      filled(new peer.QueryResultBytes(), (each) => each.setResultbytes(value.serializeBinary())),
    );
  const response = filled(new peer.QueryResponse(), (each) => {
    each.setResultsList(results);
    each.setId(id);
    each.setHasMore(left.length > PAGE);
  });
  return response.serializeBinary();
}

function resultOf(
  message: ChaincodeMessage,
  { reads, writes, stateCalls }: Simulation,
): MemoryResult {
  const trace = { reads, writes, stateCalls };
  if (message.getType() !== TYPE.COMPLETED) {
    const words = Buffer.from(message.getPayload_asU8()).toString();
    return { status: 500, message: words, value: undefined, ...trace };
  }
  const response = peer.Response.deserializeBinary(message.getPayload_asU8());
  const text = Buffer.from(response.getPayload_asU8()).toString();
  return {
    status: response.getStatus(),
    message: response.getMessage(),
    value: text === '' ? undefined : decodeCbor(fromBase64(text)),
    ...trace,
  };
}

function inOrder(state: ReadonlyMap<string, Uint8Array> = new Map()) {
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}
