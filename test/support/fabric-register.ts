// SPDX-License-Identifier: Apache-2.0
// One network of real Fabric nodes with the register contract, shared by the tests of one run; ended after the last of them.
import { REGISTER_BUNDLES } from './embedded-network.ts';
import { openFabricNetwork } from './fabric-network.ts';
import type { FabricTestNetwork } from './fabric-network.ts';

let shared: Promise<FabricTestNetwork> | undefined;

/** The network, brought up by whoever asks first; all its nodes run. */
export async function registerNetwork(): Promise<FabricTestNetwork> {
  shared ??= openFabricNetwork(REGISTER_BUNDLES);
  const network = await shared;
  await network.up();
  return network;
}

after(async function () {
  this.timeout(60_000);
  await (await shared)?.close();
});
