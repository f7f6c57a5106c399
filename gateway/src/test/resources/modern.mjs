// A stdio MCP server for tests that speaks revision 2026-07-28 alone.
import { createInterface } from 'node:readline';

const out = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) {
    return;
  }
  if (params?._meta?.['io.modelcontextprotocol/protocolVersion'] !== '2026-07-28') {
    out({ id, error: { code: -32022, message: 'Unsupported protocol version', data: { supported: ['2026-07-28'] } } });
  } else if (method === 'server/discover') {
    out({
      id,
      result: {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: { listChanged: true } },
        _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'modern', version: '1' } },
      },
    });
  } else if (method === 'tools/call') {
    if (params.name === 'crash') {
      process.exit(7);
    }
    if (params.name === 'log') {
      out({ method: 'notifications/message', params: { level: 'error', data: 'logged' } });
    }
    out({ id, result: { resultType: 'complete', content: [{ type: 'text', text: line }] } });
  } else if (method === 'subscriptions/listen') {
    const { toolsListChanged } = params.notifications;
    const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
    out({ method: 'notifications/subscriptions/acknowledged', params: { notifications: { toolsListChanged }, _meta } });
    if (toolsListChanged) {
      out({ method: 'notifications/tools/list_changed', params: { _meta } }); // tells a test that the subscription stands
    }
  } else {
    out({ id, error: { code: -32601, message: 'no ' + method } });
  }
}).on('close', () => process.exit(0));
