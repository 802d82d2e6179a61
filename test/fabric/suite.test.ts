// SPDX-License-Identifier: Apache-2.0
// The behaviour suite, unchanged, on real Fabric nodes.
import { describeLedger } from '../suites/ledger.ts';
import { readFabricRoots } from '../support/fabric-network.ts';
import { registerNetwork } from '../support/fabric-register.ts';

describeLedger('fabric', async () => {
  const network = await registerNetwork();
  return {
    channel: network.layout.definition.channel,
    msps: network.msps,
    roots: readFabricRoots(network.layout),
    connect: (msp) => network.connect(msp),
    close: () => Promise.resolve(),
  };
});
