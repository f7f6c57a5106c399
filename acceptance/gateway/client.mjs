// SPDX-License-Identifier: Apache-2.0
// Plays a client scenario of the conformance suites as a desktop host does: the official client over standard streams, which starts a command.
// usage: MCP_CONFORMANCE_SCENARIO=NAME node client.mjs COMMAND WORD... URL, where the suite adds the URL
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [command, ...words] = process.argv.slice(2);
const url = words.pop().replace(/^http:/, 'https:');
const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_CONTEXT: context, MCP_CONFORMANCE_PROTOCOL_VERSION: revision } = process.env;
const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy';
const client = new Client(
  { name: 'conformance-host', version: '1.0.0' },
  { capabilities: { elicitation: { form: { applyDefaults: true } } }, versionNegotiation: { mode } },
);
client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
await client.connect(new StdioClientTransport({ command, args: [...words, url], stderr: 'inherit' }));

const call = (name, args = {}) => client.callTool({ name, arguments: args }).catch((failure) => console.error(`${name}: ${failure.message}`));
const tools = async () => (await client.listTools()).tools;
const callEach = async (args) => {
  for (const { name } of await tools()) await call(name, args);
};

const plays = {
  initialize: () => {},
  'request-metadata': () => {},
  'json-schema-ref-no-deref': tools,
  tools_call: () => callEach({ a: 2, b: 3 }),
  'http-standard-headers': async () => {
    await callEach();
    for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
    for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
  },
  'http-custom-headers': async () => {
    await tools();
    for (const { name, arguments: args } of JSON.parse(context).toolCalls) await call(name, args);
  },
  'json-schema-2020-12-preservation': async () => {
    const { inputSchema } = (await tools()).find(({ name }) => name === 'json_schema_2020_12_tool');
    await call('json_schema_echo', { schema: inputSchema });
  },
};
await (plays[scenario] ?? callEach)();
await client.close();
