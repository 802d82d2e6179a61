// SPDX-License-Identifier: Apache-2.0
// The built chaincode: what its digests say, and that nothing in it was renamed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const DIST = fileURLToPath(new URL('../../chaincode/dist/', import.meta.url));

describe('scripts/build', () => {
  for (const name of ['zl', 'province']) {
    const bundle = () => readFileSync(`${DIST}${name}/index.cjs`);

    it(`writes the SHA-256 of the bundle ${name}`, () => {
      const hashes: unknown = JSON.parse(readFileSync(`${DIST}bundles.json`, 'utf8'));
      const found = createHash('sha256').update(bundle()).digest('hex');
      expect(hashes).to.have.property(name, found);
    });

    it(`keeps names and leaves Fabric outside in the bundle ${name}`, () => {
      const text = bundle().toString();
      expect(text).to.match(/require\(["']fabric-contract-api["']\)/);
      expect(text).to.match(
        /__metadata\(["']design:paramtypes["'], \[.*import_fabric_contract_api\.Context\b/,
      );
      expect(text).to.match(/^ {2}async \w+\(ctx\b/m);
      expect(text).to.not.match(/require\(["'](@zhenglian\/|node:fs|fs)/);
    });

    it(`names the engine's packages in the package of ${name}`, () => {
      const manifest: unknown = JSON.parse(readFileSync(`${DIST}${name}/package.json`, 'utf8'));
      expect(manifest).to.have.property('main', 'index.cjs');
      expect(manifest)
        .to.have.nested.property('dependencies.fabric-shim')
        .match(/^\d+\.\d+\.\d+$/);
    });
  }
});
