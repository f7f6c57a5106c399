// SPDX-License-Identifier: Apache-2.0
// Calls one tool with an official MCP client over mutual TLS and prints the result as one JSON object.
// usage: node call.mjs v1|v2-legacy|v2-auto|v2-modern URL CREDENTIAL-DIRECTORY|- CA-FILE TOOL ARGUMENTS-JSON
import { readFileSync } from 'node:fs';
import { Client as V2Client, StreamableHTTPClientTransport as V2Transport } from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, fetch } from 'undici';

const [generation, url, credential, anchors, tool, args] = process.argv.slice(2);

const connect = { ca: readFileSync(anchors) };
if (credential !== '-') {
  connect.cert = readFileSync(`${credential}/tls.crt`);
  connect.key = readFileSync(`${credential}/tls.key`);
}
const dispatcher = new Agent({ connect });
const mutualTls = { fetch: (target, init) => fetch(target, { ...init, dispatcher }) };

const whoWeAre = { name: 'acceptance', version: '1.0.0' };
const negotiation = {
  'v2-legacy': { mode: 'legacy' },
  'v2-auto': { mode: 'auto' },
  'v2-modern': { mode: { pin: '2026-07-28' } },
}[generation];
const [client, transport] = negotiation
  ? [new V2Client(whoWeAre, { versionNegotiation: negotiation }), new V2Transport(new URL(url), mutualTls)]
  : [new V1Client(whoWeAre), new V1Transport(new URL(url), mutualTls)];

try {
  await client.connect(transport);
  const { tools } = await client.listTools();
  const result = await client.callTool({ name: tool, arguments: JSON.parse(args) });
  console.log(JSON.stringify({ server: client.getServerVersion(), tools: tools.map((t) => t.name), result }));
  await client.close();
} catch (failure) {
  const causes = [];
  for (let cause = failure; cause; cause = cause.cause) causes.push(`${cause.code ?? ''} ${cause.message}`.trim());
  console.log(JSON.stringify({ failed: causes.join(': ') }));
  process.exitCode = 1;
} finally {
  await dispatcher.destroy();
}
