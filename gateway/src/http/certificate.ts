// SPDX-License-Identifier: Apache-2.0
// The certificate of a server that runs: its files are read again every few seconds; a new pair that holds serves the
// next connections, those that are open stay. A pair that does not hold is refused with one line in the log.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { TlsConfig } from '../config/door.ts';
import type { Log } from '../log.ts';

/** What a server's context is made of. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2';
}

/** The options of a pair. */
export function pairOf(certificatePem: string, keyPem: string): TlsPair {
  return { cert: certificatePem, key: keyPem, minVersion: 'TLSv1.2' };
}

/** Keeps a server's certificate as its files say. Returns how to end. */
export function followCertificate(
  server: Server,
  tls: TlsConfig,
  { log, every }: { readonly log: Log; readonly every: number },
): () => Promise<void> {
  let seen = tls.certificatePem + tls.keyPem;
  let work = Promise.resolve();
  const look = async () => {
    const files = [tls.certificatePath, tls.keyPath].map((path) => readFile(path, 'utf8'));
    const [certificatePem = '', keyPem = ''] = await Promise.all(files).catch(() => []);
    const now = certificatePem + keyPem;
    if (now === seen) return;
    seen = now;
    try {
      checkPair(certificatePem, keyPem);
      server.setSecureContext(pairOf(certificatePem, keyPem));
      log.info('certificate-changed');
    } catch (error) {
      log.error('certificate-refused', { error });
    }
  };
  const timer = setInterval(() => {
    work = work.then(look);
  }, every);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await work;
  };
}

/** @throws when they are no pair, or the certificate has ended */
function checkPair(certificatePem: string, keyPem: string): void {
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) {
    throw new TypeError('the key is not the certificate’s');
  }
  if (Date.parse(certificate.validTo) < Date.now())
    throw new TypeError('the certificate has ended');
  createSecureContext(pairOf(certificatePem, keyPem));
}
