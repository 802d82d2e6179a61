// SPDX-License-Identifier: Apache-2.0
// What accounts, sessions and clients are made over: parts of one gateway.
import type { OidcConfig } from '../config/oidc.ts';
import type { GatewayContext } from '../context.ts';
import type { Table } from '../store/table.ts';

export interface AccountParts extends Pick<GatewayContext, 'vault' | 'locks' | 'clock' | 'random'> {
  readonly trace: Pick<GatewayContext['trace'], 'append'>;
  /** The sealed table `accounts`. */
  readonly store: Table;
  /** Whose gateway this is, as an authenticator app shows it. */
  readonly issuer: string;
  /** What an assertion of a client must be addressed to. */
  readonly audience: string;
  /** Who else vouches for people. */
  readonly oidc: OidcConfig | undefined;
  /** Waits some milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}
