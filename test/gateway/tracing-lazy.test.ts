// SPDX-License-Identifier: Apache-2.0
// A gateway without a collector loads nothing of OpenTelemetry's SDK (prom-client alone knows its small interface package).
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ROOT } from '../house/source-files.ts';

const PROGRAM = `
  import { createRequire } from 'node:module';
  const { cache } = createRequire(import.meta.url);
  const loaded = () =>
    new Set(
      Object.keys(cache).flatMap((path) => /@opentelemetry[/\\\\][a-z-]+/.exec(path)?.[0] ?? []),
    );
  await import('./gateway/src/gateway.ts');
  const { openTracing } = await import('./gateway/src/observing/tracing.ts');
  await openTracing(undefined, { msp: 'P44', instance: 'p44-1' });
  const without = [...loaded()];
  const tracing = await openTracing('http://127.0.0.1:9', { msp: 'P44', instance: 'p44-1' });
  const [on, after] = [tracing.isOn, [...loaded()]];
  await tracing.close();
  console.log(JSON.stringify({ without, on, after }));
  process.exit(0);
`;

describe('gateway: spans on demand', function () {
  this.timeout(500_000);

  it('loads OpenTelemetry only where a collector is configured', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', PROGRAM],
      { cwd: ROOT },
    );
    const { without, on, after } = JSON.parse(stdout) as Record<string, unknown>;
    expect(without).to.have.members(['@opentelemetry/api']);
    expect(on).to.equal(true);
    expect(after).to.include.members(['@opentelemetry/sdk-trace', '@opentelemetry/resources']);
  });
});
