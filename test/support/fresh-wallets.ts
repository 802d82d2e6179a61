// SPDX-License-Identifier: Apache-2.0
// One gateway of the tests a suite, one new wallet a test.
import { join } from 'node:path';
import { WalletGateway } from './wallet-gateway.ts';
import { makeFolder, runHere } from './wallet-process.ts';
import type { Ended, HereOptions } from './wallet-process.ts';

/** What a test does with its wallet. */
export interface FreshWallets {
  readonly gateway: WalletGateway;
  /** The wallet file of the test that runs. */
  readonly wallet: string;
  /** Runs a command on that wallet, with --json. */
  readonly here: (argv: readonly string[], options?: HereOptions) => Promise<Ended>;
}

/** Sets the hooks of the suite that calls it; its parts exist while tests run. */
export function freshWallets(): FreshWallets {
  let gateway: WalletGateway;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let count = 0;
  const wallet = () => join(folder.dir, String(count));
  before(async () => {
    gateway = await WalletGateway.start();
    folder = await makeFolder();
  });
  after(async () => {
    await gateway.stop();
    await folder.drop();
  });
  beforeEach(async () => {
    gateway.reset();
    count += 1;
    await runHere(['init', '--wallet', wallet()]);
  });
  return {
    get gateway() {
      return gateway;
    },
    get wallet() {
      return wallet();
    },
    here: (argv, options) => runHere([...argv, '--wallet', wallet(), '--json'], options),
  };
}
