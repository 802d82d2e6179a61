// SPDX-License-Identifier: Apache-2.0
// Loads the built chaincode bundles and runs them through fabric-contract-api's own dispatch on fabric-shim's own stub.
import { createRequire } from 'node:module';
import { CodedError } from '@zhenglian/core/errors';
import { peer } from '../protos.ts';
import type { ContractResponse, StubHandler } from './simulation.ts';

/** Paths of the two bundles. */
export interface BundlePaths {
  readonly consortium: string;
  readonly organisation: string;
}

/** One call of a contract. */
export interface ContractCall {
  readonly channel: string;
  readonly transactionId: string;
  readonly args: readonly Uint8Array[];
  readonly signedProposal: Uint8Array;
  readonly handler: StubHandler;
}

/** A loaded bundle. */
export type Contract = (call: ContractCall) => Promise<ContractResponse>;

interface Dispatch {
  Invoke(stub: unknown): Promise<ContractResponse>;
}
interface LiveStub {
  readonly chaincodeEvent?: { getEventName(): string; getPayload_asU8(): Uint8Array };
}
interface Bundle {
  readonly contracts?: readonly unknown[];
  readonly serializers?: unknown;
}

const require = createRequire(import.meta.url);
/** A contract that never answers is given up after this, as Fabric does after its executetimeout. */
const EXECUTE_TIMEOUT_MS = 30_000;

/** Loads both bundles. @throws START_FAILED when one is missing or no bundle of contracts */
export function loadContracts(paths: BundlePaths): {
  consortium: Contract;
  organisation: Contract;
} {
  return { consortium: load(paths.consortium), organisation: load(paths.organisation) };
}

function load(path: string): Contract {
  // The contract API keeps what decorators say on `global`: each bundle must start and end with none of another's.
  forgetMetadata();
  try {
    const bundle: unknown = require(path);
    const dispatch = createDispatch(bundle as Bundle);
    return (call) => run(dispatch, call);
  } catch (cause) {
    throw new CodedError('START_FAILED', `no chaincode bundle at ${path}`, { cause });
  } finally {
    forgetMetadata();
  }
}

function createDispatch(bundle: Bundle): Dispatch {
  const ChaincodeFromContract =
    require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as new (
      contracts: unknown[],
      serializers: unknown,
    ) => Dispatch;
  const { JSONSerializer } = require('fabric-contract-api') as { JSONSerializer: unknown };
  const serializers = bundle.serializers ?? {
    transaction: 'jsonSerializer',
    serializers: { jsonSerializer: JSONSerializer },
  };
  // The dispatch appends to the array it is given: a copy.
  return new ChaincodeFromContract([...(bundle.contracts ?? [])], serializers);
}

function forgetMetadata(): void {
  require('reflect-metadata');
  const metadata = Reflect as unknown as {
    getMetadataKeys(target: object): unknown[];
    deleteMetadata(key: unknown, target: object): boolean;
  };
  for (const key of metadata.getMetadataKeys(global)) metadata.deleteMetadata(key, global);
}

async function run(dispatch: Dispatch, call: ContractCall): Promise<ContractResponse> {
  const Stub = require('fabric-shim/lib/stub.js') as new (...args: unknown[]) => LiveStub;
  const input = new peer.ChaincodeInput();
  input.setArgsList(call.args.map((arg) => arg));
  const signed = peer.SignedProposal.deserializeBinary(call.signedProposal);
  const stub = new Stub(call.handler, call.channel, call.transactionId, input, signed);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ContractResponse>((resolve) => {
    timer = setTimeout(() => {
      resolve({ status: 500, message: 'LEDGER_REFUSED: the contract took too long' });
    }, EXECUTE_TIMEOUT_MS);
  });
  try {
    const response = await Promise.race([dispatch.Invoke(stub), late]);
    const event = stub.chaincodeEvent;
    if (!event) return response;
    return { ...response, event: { name: event.getEventName(), payload: event.getPayload_asU8() } };
  } finally {
    clearTimeout(timer);
  }
}
