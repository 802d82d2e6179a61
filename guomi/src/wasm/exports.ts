// SPDX-License-Identifier: Apache-2.0
// The modules' functions (kernel/assembly/index-core.as, index-simd.as), typed once at the edge.

/** What an engine works with; of functions that both modules have, the SIMD module's. */
export type ModuleExports = Readonly<{
  memory: WebAssembly.Memory;
  start: () => void;
  checkKey: () => number;
  decompress: (parity: number) => number;
  verify: (length: number) => number;
  batchStart: () => void;
  batchAdd: (length: number) => number;
  batchEnd: () => number;
  batchRun: (count: number) => void;
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
  sm4Load: () => void;
  sm4Blocks: (count: number) => void;
  sm4Ctr: (length: number, short: number) => void;
  ghash: (count: number) => void;
  gcmKey: () => void;
  gcm: (additional: number, length: number, opening: number) => number;
  sm4Wipe: () => void;
  /** Only with the SIMD module. */
  timeLanes?: (rounds: number) => void;
  timeScalar: (rounds: number) => void;
}>;

/** Joins the exports of the core module and of the SIMD module on its memory; the only place that trusts their shape. */
export function joinExports(
  core: WebAssembly.Instance,
  simd?: WebAssembly.Instance,
): ModuleExports {
  return { ...core.exports, ...simd?.exports } as unknown as ModuleExports;
}
