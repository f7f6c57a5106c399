// SPDX-License-Identifier: Apache-2.0
// Calls one tool of a stdio server with an official MCP client and prints the result as one JSON object.
// usage: node stdio.mjs v1|v2-legacy|v2-auto|v2-modern TOOL ARGUMENTS-JSON COMMAND WORD...
import { Client as V2Client } from '@modelcontextprotocol/client';
import { StdioClientTransport as V2Transport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [generation, tool, args, command, ...words] = process.argv.slice(2);

const whoWeAre = { name: 'acceptance', version: '1.0.0' };
const negotiation = {
  'v2-legacy': { mode: 'legacy' },
  'v2-auto': { mode: 'auto' },
  'v2-modern': { mode: { pin: '2026-07-28' } },
}[generation];
const started = { command, args: words, stderr: 'inherit' };
const [client, transport] = negotiation
  ? [new V2Client(whoWeAre, { versionNegotiation: negotiation }), new V2Transport(started)]
  : [new V1Client(whoWeAre), new V1Transport(started)];

try {
  await client.connect(transport);
  const { tools } = await client.listTools();
  const result = await client.callTool({ name: tool, arguments: JSON.parse(args) });
  console.log(JSON.stringify({ server: client.getServerVersion(), tools: tools.map((t) => t.name), result }));
} catch (failure) {
  console.log(JSON.stringify({ failed: failure.message }));
  process.exitCode = 1;
} finally {
  await client.close();
}
