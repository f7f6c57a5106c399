// A stdio MCP server of the legacy era with something of every kind, for tests of access rules. It notes each line that it receives.
import { createInterface } from 'node:readline';
import { appendFileSync } from 'node:fs';

const out = (text) => process.stdout.write(text + '\n');
const result = (id, text) => out(`{"jsonrpc":"2.0", "result":${text},"id":${JSON.stringify(id)}}`);
// Numbers, escapes and white space that do not survive when JSON is written again.
const item = (key, name) => `{ "weight":1.0, "${key}":"${name}","name":"${name}", "e":"\\u00e9\\/", "inputSchema":{"type":"object"}}`;
const tool = (name) => `{ "weight":1.0, "name":"${name}", "e":"\\u00e9\\/", "inputSchema":{"type":"object"}}`;
const lists = {
  'tools/list': ['tools', ['b_read', 'drop_all', 'order', 'a_read'].map(tool)],
  'prompts/list': ['prompts', ['report', 'secret'].map(tool)],
  'resources/list': ['resources', ['file:///srv/docs/a', 'file:///srv/keys/k'].map((uri) => item('uri', uri))],
  'resources/templates/list': ['resourceTemplates', ['file:///srv/docs/{x}', 'file:///srv/keys/{x}'].map((uri) => item('uriTemplate', uri))],
};

createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(process.env.RECEIVED, line + '\n');
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) {
    return;
  }
  if (method === 'initialize') {
    result(id, `{"protocolVersion":"${params.protocolVersion}","capabilities":{"tools":{},"prompts":{},"resources":{"subscribe":true},"completions":{}},"serverInfo":{"name":"echo-mcp","version":"1"}}`);
  } else if (lists[method]) {
    const [member, items] = lists[method];
    result(id, `{"big":90071992547409931, "${member}" :[ ${items.join(' , ')} ],"more":1e2}`);
  } else if (method === 'completion/complete') {
    result(id, '{"completion":{"values":["x"]}}');
  } else {
    result(id, '{"content":[],"messages":[],"contents":[],"z":1.0}');
    if (method === 'resources/subscribe') {
      for (const uri of ['file:///srv/keys/k', params.uri]) {
        out(`{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"${uri}"}}`);
      }
    }
  }
}).on('close', () => process.exit(0));
