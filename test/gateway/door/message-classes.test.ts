// SPDX-License-Identifier: Apache-2.0
// What Express makes of requests and responses that were born with its prototypes.
import { createServer } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import { messageClasses } from '../../../gateway/src/http/message-classes.ts';

describe('door: classes of messages', () => {
  it('leave Express no prototype to exchange, and everything it adds to them', async () => {
    const app = express();
    const seen: boolean[] = [];
    const prototypes = (...messages: readonly object[]) =>
      messages.map((message) => Object.getPrototypeOf(message) as object);
    let born: readonly object[] = [];
    app.get('/', (request, response) => {
      seen.push(prototypes(request, response).every((each, i) => each === born[i]));
      seen.push(born[0] === app.request && born[1] === app.response, request.app === app);
      response.status(201).json({ ip: request.ip, host: request.get('host') });
    });
    const server = createServer(messageClasses(app), (request, response) => {
      born = prototypes(request, response);
      app(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const host = `127.0.0.1:${String(port)}`;
      const answer = await fetch(`http://${host}/`);
      expect(answer.status).to.equal(201);
      expect(await answer.json()).to.deep.equal({ ip: '127.0.0.1', host });
      expect(seen).to.deep.equal([true, true, true]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
