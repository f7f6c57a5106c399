// SPDX-License-Identifier: Apache-2.0
// A server over standard streams on the official SDK: says who calls, asks its client a question, and can die.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const server = new McpServer({ name: 'stdio-server', version: '1.0.0' });
const said = (text) => ({ content: [{ type: 'text', text }] });
server.registerTool('who', { inputSchema: { text: z.string() } }, ({ text }, { _meta }) =>
  said(`${text} ${_meta['dev.mcpmtls/caller'].identity} ${process.pid}`),
);
await server.connect(new StdioServerTransport());
