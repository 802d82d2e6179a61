// SPDX-License-Identifier: Apache-2.0
import { describeLedger } from '../suites/ledger.ts';
import { DEFINITION, MSPS, openTestNetwork, readRoots } from '../support/embedded-network.ts';

describeLedger('embedded', async () => {
  const network = await openTestNetwork();
  return {
    channel: DEFINITION.channel,
    msps: MSPS,
    roots: await readRoots(network.dataDir),
    connect: (msp) => network.connect(msp),
    close: () => network.close(),
  };
});
