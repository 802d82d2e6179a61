// SPDX-License-Identifier: Apache-2.0
import { describeLedger } from '../suites/ledger.ts';
import { REGISTER_BUNDLES } from '../support/embedded-network.ts';
import { openFabricNetwork, readFabricRoots } from '../support/fabric-network.ts';

describeLedger('fabric', async () => {
  const network = await openFabricNetwork(REGISTER_BUNDLES);
  return {
    channel: network.layout.definition.channel,
    msps: network.msps,
    roots: readFabricRoots(network.layout),
    connect: (msp) => network.connect(msp),
    close: () => network.close(),
  };
});
