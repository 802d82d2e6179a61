// SPDX-License-Identifier: Apache-2.0
// Starts the embedded ledger as a process of its own, waits until it is healthy, and founds the network once.
import type { ChildProcess } from 'node:child_process';
import type { NetworkDefinition } from './definition.ts';

/** What to start: the definition, and where its data lives. */
export interface StartOptions extends NetworkDefinition {
  readonly dataDir: string;
  /** A free one unless given. */
  readonly port?: number;
}

/** Certificate and key of one member of an organisation. */
export interface MemberIdentity {
  readonly msp: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A running ledger process. */
export interface EmbeddedNetwork {
  readonly url: string;
  readonly process: ChildProcess;
  /** Network id in hex: SM3 of the founding definition. */
  readonly fingerprint: string;
  /** A client's identity, made when it does not exist yet; files under `organisations/<msp>/clients/<name>`. */
  identity(msp: string, clientName: string): Promise<MemberIdentity>;
  adminIdentity(msp: string): Promise<MemberIdentity>;
  stop(): Promise<void>;
}

/** Type of `startEmbedded`. */
export type StartEmbedded = (options: StartOptions) => Promise<EmbeddedNetwork>;
