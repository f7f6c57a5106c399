// SPDX-License-Identifier: Apache-2.0
// An MCP server over HTTP (2025-11-25, sessions) with one tool, which takes a while and remembers each call and the replica that
// forwarded it. GET /calls returns what it remembers.
// usage: node upstream.mjs HOST PORT
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const [host, port] = process.argv.slice(2);
const sessions = new Set();
const calls = [];
let opened = 0;

const tools = [{ name: 'work', description: 'Takes a while', inputSchema: { type: 'object', properties: { n: { type: 'integer' } } } }];

async function result({ method, params }, replica) {
  switch (method) {
    case 'initialize':
      opened++;
      return {
        protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'upstream', version: '1' },
      };
    case 'tools/list':
      return { tools };
    case 'tools/call': {
      calls.push([params.arguments.n, replica]);
      await new Promise((done) => setTimeout(done, 5 + Math.random() * 45));
      return { content: [{ type: 'text', text: `${params.arguments.n}` }] };
    }
    case 'ping':
      return {};
  }
  return undefined;
}

const server = createServer(async (request, response) => {
  const replica = request.socket.remoteAddress;
  if (request.url === '/calls') {
    response.end(JSON.stringify({ calls, opened }));
    return;
  }
  if (request.method !== 'POST') {
    response.writeHead(request.method === 'DELETE' && sessions.delete(request.headers['mcp-session-id']) ? 200 : 405).end();
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const message = JSON.parse(body);
  const begins = message.method === 'initialize';
  if (!begins && !sessions.has(request.headers['mcp-session-id'])) {
    response.writeHead(message.method === 'server/discover' ? 400 : 404).end();
    return;
  }
  if (message.id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const answer = await result(message, replica);
  const headers = { 'content-type': 'application/json' };
  if (begins) {
    headers['mcp-session-id'] = randomUUID();
    sessions.add(headers['mcp-session-id']);
  }
  response.writeHead(200, headers).end(JSON.stringify({
    jsonrpc: '2.0', id: message.id, ...(answer ? { result: answer } : { error: { code: -32601, message: 'no such method' } }),
  }));
});
server.keepAliveTimeout = 600_000; // not the subject here: a call may meet the end of an idle connection
server.listen(Number(port), host, () => console.log('ready'));
