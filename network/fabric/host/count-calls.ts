// SPDX-License-Identifier: Apache-2.0
// Counts the calls that a chaincode host serves, so that it can end between two of them.
import type { ChaincodeResponse, Dispatch } from '../../contract-api.ts';

/** The same chaincode, and when no call is in it. */
export interface CountedDispatch {
  readonly dispatch: Dispatch;
  /** Resolves as soon as no call is being served. */
  idle(): Promise<void>;
}

/** Wraps a chaincode. */
export function countCalls(inner: Dispatch): CountedDispatch {
  let calls = 0;
  let waiting: (() => void)[] = [];
  const counted = async (serve: () => Promise<ChaincodeResponse>): Promise<ChaincodeResponse> => {
    calls += 1;
    try {
      return await serve();
    } finally {
      calls -= 1;
      // The answer is on its way when those who wait go on.
      if (calls === 0) setImmediate(release);
    }
  };
  const release = () => {
    if (calls > 0) return;
    for (const done of waiting) done();
    waiting = [];
  };
  return {
    dispatch: {
      Init: (stub) => counted(() => inner.Init(stub)),
      Invoke: (stub) => counted(() => inner.Invoke(stub)),
    },
    idle: () =>
      new Promise((done) => {
        waiting.push(done);
        release();
      }),
  };
}
