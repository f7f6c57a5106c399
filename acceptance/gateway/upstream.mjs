// SPDX-License-Identifier: Apache-2.0
// Serves the fixtures without TLS: node upstream.mjs stdio | legacy | modern; over HTTP on a free loopback port, which it prints.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { changed, fixtures } from './fixtures.mjs';

const sessions = new Map();

/** The events of a session, by stream and in order, for clients that resume. */
function events() {
  const stored = [];
  return {
    storeEvent: async (stream, message) => {
      stored.push({ stream, message });
      return `${stream}_${stored.length}`;
    },
    getStreamIdForEventId: async (id) => id.slice(0, id.lastIndexOf('_')),
    replayEventsAfter: async (last, { send }) => {
      const stream = last.slice(0, last.lastIndexOf('_'));
      for (let i = Number(last.slice(last.lastIndexOf('_') + 1)); i < stored.length; i++) {
        if (stored[i].stream === stream && Object.keys(stored[i].message).length) await send(`${stream}_${i + 1}`, stored[i].message);
      }
      return stream;
    },
  };
}

async function legacy(request, response) {
  const id = request.headers['mcp-session-id'];
  if (id) {
    const known = sessions.get(id);
    if (known) return known.handleRequest(request, response);
    return response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}');
  }
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: events(),
    retryInterval: 500,
    onsessioninitialized: (opened) => void sessions.set(opened, transport),
    onsessionclosed: (closed) => void sessions.delete(closed),
  });
  await fixtures().connect(transport);
  return transport.handleRequest(request, response);
}

function modern() {
  const handler = createMcpHandler(fixtures, { legacy: 'reject' });
  changed.tools = () => handler.notify.toolsChanged();
  changed.prompts = () => handler.notify.promptsChanged();
  return toNodeHandler(handler);
}

function listen(handle) {
  const [host, origin] = [localhostHostValidation(), localhostOriginValidation()];
  const server = createServer((request, response) => host(request, response) && origin(request, response) && handle(request, response));
  server.listen(0, '127.0.0.1', () => console.log(`ready on ${server.address().port}`));
}

switch (process.argv[2]) {
  case 'stdio': serveStdio(fixtures); break;
  case 'legacy': listen(legacy); break;
  case 'modern': listen(modern()); break;
  default: throw new Error('stdio, legacy or modern?');
}
