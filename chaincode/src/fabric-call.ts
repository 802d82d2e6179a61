// SPDX-License-Identifier: Apache-2.0
// What Fabric hands a contract, as plain values: the only file that touches the stub. Its published types
// lack raw arguments and name the channel header's fields wrongly, so they are read here as what they are.
import type { Context } from 'fabric-contract-api';
import { CodedError } from '@zhenglian/core/errors';
import { FABRIC, fieldText, readMessage } from '@zhenglian/core/fabric-proto';
import { fromPemBytes, parseCertificate } from '@zhenglian/core/x509';
import type { Caller } from './access.ts';
import type { Call } from './call.ts';
import { refuseAs } from './refusal.ts';
import type { State } from './state.ts';

interface Stub {
  getBufferArgs(): readonly Uint8Array[];
  getChannelID(): string;
  getTxTimestamp(): { readonly seconds: { toNumber(): number } };
  getSignedProposal(): {
    readonly proposal: {
      readonly header: { readonly channelHeader: { getExtension_asU8(): Uint8Array } };
    };
  };
  getState(key: string): Promise<Uint8Array | undefined>;
  putState(key: string, value: Uint8Array): Promise<void>;
  getStateByRange(
    start: string,
    end: string,
  ): AsyncIterable<{ readonly key: string; readonly value: Uint8Array }>;
  invokeChaincode(
    name: string,
    args: readonly Uint8Array[],
    channel: string,
  ): Promise<{ readonly status: number; readonly message?: string; readonly payload?: Uint8Array }>;
}

/**
 * The transaction in hand.
 * @throws UNKNOWN_FUNCTION when it is called by another than its own name, ACCESS_DENIED when the caller's certificate
 * cannot be read
 */
export function openCall(ctx: Context): Call {
  const stub = ctx.stub as unknown as Stub;
  const [name = new Uint8Array(0), request = new Uint8Array(0), ...extra] = stub.getBufferArgs();
  refuseAlias(name);
  return {
    state: openState(stub),
    caller: callerOf(ctx),
    at: stub.getTxTimestamp().seconds.toNumber(),
    channel: stub.getChannelID(),
    request,
    extra,
    chaincode: () => calledChaincode(stub),
    ask: (chaincode, name, question) => ask(stub, chaincode, name, question),
  };
}

/** Fabric takes `contract:function` for `function`; who reads blocks knows functions by one name only. */
function refuseAlias(name: Uint8Array): void {
  if (name.includes(COLON)) {
    throw new CodedError('UNKNOWN_FUNCTION', 'call a function by its name, without a contract');
  }
}

const COLON = 0x3a;

function callerOf(ctx: Context): Caller {
  const idBytes = Uint8Array.from(ctx.clientIdentity.getIDBytes());
  const certificate = refuseAs('ACCESS_DENIED', () => parseCertificate(fromPemBytes(idBytes)));
  return { msp: ctx.clientIdentity.getMSPID(), units: certificate.subject.organisationalUnits };
}

function openState(stub: Stub): State {
  return {
    async get(key) {
      const bytes = await stub.getState(key);
      // An absent key is an empty buffer; a record never is.
      return bytes === undefined || bytes.length === 0 ? undefined : Uint8Array.from(bytes);
    },
    async put(key, bytes) {
      await stub.putState(key, Buffer.from(bytes));
    },
    async range(prefix) {
      const values: Uint8Array[] = [];
      const end = `${prefix.slice(0, -1)}0`; // '0' is the character after '/'
      for await (const { value } of stub.getStateByRange(prefix, end)) {
        values.push(Uint8Array.from(value));
      }
      return values;
    },
  };
}

/** The chaincode that the client's signed proposal names: one code serves `zl-p44`, `zl-p33` … */
function calledChaincode(stub: Stub): string {
  const extension = stub.getSignedProposal().proposal.header.channelHeader.getExtension_asU8();
  const { chaincodeId } = readMessage(FABRIC.headerExtension, extension);
  return fieldText(readMessage(FABRIC.chaincodeId, chaincodeId).name);
}

async function ask(
  stub: Stub,
  chaincode: string,
  name: string,
  request: Uint8Array,
): Promise<string> {
  const args = [Buffer.from(name), Buffer.from(request)];
  const response = await stub.invokeChaincode(chaincode, args, '');
  // The other contract's message begins with its code already.
  if (response.status !== 200) throw new Error(response.message ?? 'no answer');
  return Buffer.from(response.payload ?? []).toString();
}
