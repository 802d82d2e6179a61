// SPDX-License-Identifier: Apache-2.0
// A key that signs many messages. Here, in this thread; the gateway has another that signs in its second thread
// (thread/work-thread.ts).
import { sm2 } from '@zhenglian/guomi';
import { inTurns } from '../turns.ts';

/** A key that signs many messages. */
export interface BulkSigner {
  /** One signature of 64 bytes a message, in their order: all of them or an error. @throws GuomiError as `sm2.Signer` */
  signBatch(messages: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /** Forgets the key. */
  close(): void;
}

/** Takes a secret key of 32 bytes in. @throws GuomiError SECRET_KEY_INVALID */
export type OpenBulkSigner = (secretKey: Uint8Array) => BulkSigner;

/** Signs in this thread; others have their turn in between. */
export const openBulkSigner: OpenBulkSigner = (secretKey) => {
  const signer = sm2.createSigner(secretKey);
  return {
    signBatch: (messages) => inTurns(messages, signer.signBatch),
    close: signer.close,
  };
};
