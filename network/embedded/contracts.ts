// SPDX-License-Identifier: Apache-2.0
// Runs the built chaincode bundles: fabric-contract-api's own dispatch on fabric-shim's own stub.
import { createStub, loadDispatch } from '../contract-api.ts';
import { peer } from '../protos.ts';
import type { BundlePaths } from '../bundles.ts';
import type { Dispatch } from '../contract-api.ts';
import type { ContractResponse, StubHandler } from './simulation.ts';

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
  const dispatch = loadDispatch(path);
  return (call) => run(dispatch, call);
}

async function run(dispatch: Dispatch, call: ContractCall): Promise<ContractResponse> {
  const input = new peer.ChaincodeInput();
  input.setArgsList(call.args.map((arg) => arg));
  const signed = peer.SignedProposal.deserializeBinary(call.signedProposal);
  const { handler, channel, transactionId } = call;
  const stub = createStub(handler, channel, transactionId, input, signed);
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
