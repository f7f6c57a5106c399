// SPDX-License-Identifier: Apache-2.0
// The official TypeScript SDK on Node's https: one handler for both eras, as its documentation sets it up.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const [port, pki] = process.argv.slice(2);
const handle = toNodeHandler(
    createMcpHandler(() => {
        const server = new McpServer({ name: 'echo', version: '1' });
        server.registerTool(
            'echo',
            { description: 'Echoes the text', inputSchema: z.object({ text: z.string() }) },
            ({ text }) => ({ content: [{ type: 'text', text }] }),
        );
        return server;
    }),
);
const hostIsLocal = localhostHostValidation();
const originIsLocal = localhostOriginValidation();

createServer(
    {
        key: readFileSync(`${pki}/server.key`),
        cert: readFileSync(`${pki}/server.crt`),
        ca: readFileSync(`${pki}/ca.crt`),
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.3',
        keepAliveTimeout: 300_000,
    },
    (request, response) => {
        if (hostIsLocal(request, response) && originIsLocal(request, response)) {
            handle(request, response);
        }
    },
).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
