// SPDX-License-Identifier: Apache-2.0
// A server without TLS for proxies to be measured in front of: answers at once, with no SDK.
// usage: node server.mjs PORT (Streamable HTTP on loopback), or node server.mjs stdio
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const echo = { name: 'echo', description: 'Echoes the text', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } };
const results = {
    initialize: () => ({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'upstream', version: '1' } }),
    'tools/list': () => ({ tools: [echo] }),
    'tools/call': ({ arguments: { text } }) => ({ content: [{ type: 'text', text }], isError: false }),
};

/** The answer's text; empty for a notification. */
function answer(text) {
    const { id, method, params } = JSON.parse(text);
    if (id === undefined) return '';
    const known = results[method];
    return JSON.stringify({ jsonrpc: '2.0', id, ...(known ? { result: known(params) } : { error: { code: -32601, message: 'Method not found' } }) });
}

function overHttp(request, response) {
    if (request.method !== 'POST') return response.writeHead(405).end();
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => (text += piece));
    request.on('end', () => {
        const said = answer(text);
        const session = text.includes('"initialize"') ? { 'Mcp-Session-Id': String(process.hrtime.bigint()) } : {};
        if (said) response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(said), ...session }).end(said);
        else response.writeHead(202).end();
    });
}

if (process.argv[2] === 'stdio') {
    createInterface({ input: process.stdin }).on('line', (line) => {
        const said = answer(line);
        if (said) process.stdout.write(`${said}\n`);
    });
} else {
    const server = createServer({ keepAliveTimeout: 300_000, requestTimeout: 0 }, overHttp);
    server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 }, () => console.log('listening'));
}
