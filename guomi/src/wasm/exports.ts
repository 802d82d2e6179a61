// SPDX-License-Identifier: Apache-2.0
// The module's functions (kernel/assembly/index.as), typed once at the edge.

/** Loads and instantiates; the only place that trusts the shape of the module. */
export type ModuleExports = Readonly<{
  memory: WebAssembly.Memory;
  start: () => void;
  checkKey: () => number;
  decompress: (parity: number) => number;
  verify: (length: number) => number;
  batchStart: () => void;
  batchAdd: (length: number) => number;
  batchRun: () => void;
  batchAnswer: (index: number) => number;
  cachedKeys: () => number;
  derive: () => number;
  prepareSigner: () => void;
  makeNonce: () => void;
  signPoint: (index: number) => void;
  signInvert: (count: number) => void;
  signFinish: (index: number) => number;
  multiplyKey: () => number;
  wipe: (count: number) => void;
  sm3Start: (state: number) => void;
  sm3Blocks: (state: number, data: number, count: number) => void;
  sm3At: (out: number, data: number, length: number) => void;
  hashParts: (count: number, partBytes: number, prefix: number) => void;
  sm4Key: (reverse: number) => void;
  sm4Blocks: (count: number) => void;
  sm4Ctr: (length: number, short: number) => void;
  ghash: (count: number) => void;
  sm4Wipe: () => void;
  timeLanes: (rounds: number) => void;
  timeScalar: (rounds: number) => void;
}>;

/** Reads the exports of an instance. */
export function moduleExports(instance: WebAssembly.Instance): ModuleExports {
  return instance.exports as unknown as ModuleExports;
}
