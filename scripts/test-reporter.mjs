// SPDX-License-Identifier: Apache-2.0
// Mocha's own report, and the totals in a file for whoever started the run.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

class TestReporter extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue();
    const path = process.env.ZHENGLIAN_TEST_TOTALS;
    if (path === undefined) return;
    const { passes, failures, pending } = this.stats;
    writeFileSync(path, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
  }
}

export default TestReporter;
