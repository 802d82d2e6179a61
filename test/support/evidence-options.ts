// SPDX-License-Identifier: Apache-2.0
// What may be otherwise in the evidence that tests make.
import type { Signer } from '@zhenglian/core/signing';
import type { TypeDefinition } from '@zhenglian/core/types/definition';

export interface MintOptions {
  readonly type?: TypeDefinition;
  readonly fields?: Readonly<Record<string, string>>;
  readonly holder?: Signer;
  readonly signer?: Signer;
  readonly firstDay?: number;
  readonly lastDay?: number;
  readonly seed?: Uint8Array;
}

export interface BundleOptions {
  readonly at?: number;
  readonly nonce?: Uint8Array;
  readonly version?: number;
  readonly withoutKey?: boolean;
  readonly withoutAuthority?: boolean;
  readonly keyTypes?: readonly string[];
  readonly keyNotBefore?: number;
  readonly lastGood?: ReadonlyMap<number, number>;
  readonly authorityStatus?: 'accredited' | 'withdrawn';
  readonly authorityTypes?: readonly string[];
  readonly types?: readonly TypeDefinition[];
}

export interface EpochOptions {
  /** The third organisation signs these statuses instead: an answer of its own to the same question. */
  readonly lie?: EpochOptions['statuses'];
  readonly at?: number;
  readonly nonce?: Uint8Array;
  readonly version?: number;
  readonly statuses?: readonly (readonly [number, 'valid' | 'suspended' | 'revoked'])[];
  readonly statusClass?: 'administrative' | 'superseded';
  readonly type?: TypeDefinition;
  readonly batchType?: string;
  readonly batchKid?: Uint8Array;
}
