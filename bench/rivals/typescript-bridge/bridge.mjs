// SPDX-License-Identifier: Apache-2.0
// A bridge of the same function on the official TypeScript SDK: its stdio server and its Streamable HTTP client, message by message.
import { readFileSync } from 'node:fs';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, fetch } from 'undici';

const [url, credential] = process.argv.slice(2);
const dispatcher = new Agent({
    connect: {
        ca: readFileSync(`${credential}/ca.crt`),
        cert: readFileSync(`${credential}/tls.crt`),
        key: readFileSync(`${credential}/tls.key`),
    },
});
const host = new StdioServerTransport();
const server = new StreamableHTTPClientTransport(new URL(url), {
    fetch: (target, init) => fetch(target, { ...init, dispatcher }),
});
host.onmessage = (message) =>
    server.send(message).catch((failure) => {
        if (message.id !== undefined && message.method) {
            host.send({ jsonrpc: '2.0', id: message.id, error: { code: -32603, message: String(failure) } });
        }
    });
server.onmessage = (message) => {
    if (message.result?.protocolVersion) {
        server.setProtocolVersion(message.result.protocolVersion);
    }
    return host.send(message);
};
await server.start();
await host.start();
