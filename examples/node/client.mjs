// The official TypeScript SDK's client, with the certificate of a credential.
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Agent, fetch } from 'undici';

const own = '.mcp-mtls/credentials/coordinator';
const dispatcher = new Agent({
  connect: {
    cert: readFileSync(`${own}/tls.crt`),
    key: readFileSync(`${own}/tls.key`),
    ca: readFileSync(`${own}/ca.crt`),
  },
});
const transport = new StreamableHTTPClientTransport(new URL('https://localhost:8445/mcp'), {
  fetch: (url, init) => fetch(url, { ...init, dispatcher }),
});

const client = new Client({ name: 'example', version: '1.0.0' });
await client.connect(transport);
const { content } = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
console.log(content[0].text);
await client.close();
await dispatcher.close();
