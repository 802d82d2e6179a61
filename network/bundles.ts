// SPDX-License-Identifier: Apache-2.0
// The two chaincode bundles that both engines serve.
import { fileURLToPath } from 'node:url';

/** Paths of the two bundles. */
export interface BundlePaths {
  readonly consortium: string;
  readonly organisation: string;
}

/** The built bundles of this repository. */
export const BUNDLES: BundlePaths = {
  consortium: fileURLToPath(new URL('../chaincode/dist/zl/index.cjs', import.meta.url)),
  organisation: fileURLToPath(new URL('../chaincode/dist/province/index.cjs', import.meta.url)),
};
