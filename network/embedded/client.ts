// SPDX-License-Identifier: Apache-2.0
// The Ledger interface over the embedded ledger's socket.
import type { Ledger } from '../ledger.ts';

/** How to reach the ledger process, and as whom. */
export interface ConnectOptions {
  readonly url: string;
  readonly msp: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly channel: string;
  /** Milliseconds a call may take; 60,000 unless given. */
  readonly deadline?: number;
}

/** Type of `connectEmbedded`. */
export type ConnectEmbedded = (options: ConnectOptions) => Promise<Ledger>;
