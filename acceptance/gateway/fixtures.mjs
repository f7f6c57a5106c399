// SPDX-License-Identifier: Apache-2.0
// What the official conformance suites expect of a server, on the official SDK: one description for both eras.
import { fromJsonSchema, inputRequired, McpServer, ResourceTemplate, createRequestStateCodec } from '@modelcontextprotocol/server';
import { setTimeout as pause } from 'node:timers/promises';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQIAAAA=';
const text = (words) => ({ type: 'text', text: words });
const said = (words) => ({ content: [text(words)] });
const picture = { type: 'image', data: PNG, mimeType: 'image/png' };
const resource = (uri, mimeType, words) => ({ type: 'resource', resource: { uri, mimeType, text: words } });
const object = (properties = {}, required = []) => ({ type: 'object', properties, required });
const titled = (...pairs) => pairs.map(([value, title]) => ({ const: value, title }));

const states = createRequestStateCodec({ key: new Uint8Array(32).fill(7) });

const plain = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [picture],
  test_audio_content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  test_embedded_resource: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    picture,
    resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
};

const schema2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

const name = inputRequired.elicit({ message: 'What is your name?', requestedSchema: object({ name: { type: 'string' } }, ['name']) });
const ok = inputRequired.elicit({ message: 'Please confirm', requestedSchema: object({ ok: { type: 'boolean' } }, ['ok']) });
const color = inputRequired.elicit({ message: 'Step 2: What is your favorite color?', requestedSchema: object({ color: { type: 'string' } }, ['color']) });
const sampling = (prompt) => inputRequired.createMessage({ messages: [{ role: 'user', content: text(prompt) }], maxTokens: 100 });
const form = (message, properties, required) => inputRequired.elicit({ message, requestedSchema: object(properties, required) });

// Each asks until every key has its answer, then speaks. The state names the questions of the round, so that a client cannot change them.
const asking = {
  test_input_required_result_elicitation: [{ user_name: name }, (a) => `Hello, ${a.user_name.content?.name}!`],
  test_streaming_elicitation: [{ user_name: name }, (a) => `Hello, ${a.user_name.content?.name}!`],
  test_input_required_result_sampling: [{ capital_question: sampling('What is the capital of France?') }, (a) => JSON.stringify(a.capital_question.content)],
  test_input_required_result_list_roots: [{ client_roots: inputRequired.listRoots() }, (a) => `Roots: ${JSON.stringify(a.client_roots.roots)}`],
  test_input_required_result_request_state: [{ confirm: ok }, () => 'state-ok'],
  test_input_required_result_tampered_state: [{ confirm: ok }, () => 'state-ok'],
  test_input_required_result_multiple_inputs: [
    { user_name: name, greeting: sampling('Generate a greeting'), client_roots: inputRequired.listRoots() },
    () => 'All three answered',
  ],
  test_sampling: [(args) => ({ sampled: sampling(args.prompt) }), (a) => `LLM response: ${a.sampled.content?.text}`, object({ prompt: { type: 'string' } }, ['prompt'])],
  test_elicitation: [
    (args) => ({ user: form(args.message, { username: { type: 'string', description: "User's response" }, email: { type: 'string' } }, ['username', 'email']) }),
    (a) => `User response: action=${a.user.action}, content=${JSON.stringify(a.user.content ?? {})}`,
    object({ message: { type: 'string' } }, ['message']),
  ],
  test_elicitation_sep1034_defaults: [
    {
      defaults: form('Defaults', {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      }),
    },
    (a) => `Elicitation completed: action=${a.defaults.action}, content=${JSON.stringify(a.defaults.content ?? {})}`,
  ],
  test_elicitation_sep1330_enums: [
    {
      choices: form('Choices', {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: { type: 'string', oneOf: titled(['value1', 'First Option'], ['value2', 'Second Option'], ['value3', 'Third Option']) },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: { type: 'array', items: { anyOf: titled(['value1', 'First Choice'], ['value2', 'Second Choice'], ['value3', 'Third Choice']) } },
      }),
    },
    (a) => `Elicitation completed: action=${a.choices.action}, content=${JSON.stringify(a.choices.content ?? {})}`,
  ],
  test_missing_capability: [{ sampled: sampling('Say anything') }, () => 'the client can sample'],
};

async function asked(questions, answers, ctx) {
  const given = ctx.mcpReq.inputResponses ?? {};
  const missing = Object.keys(questions).some((key) => given[key] === undefined);
  if (missing) return inputRequired({ inputRequests: questions, requestState: await states.mint({ keys: Object.keys(questions) }, ctx) });
  return answers(given);
}

/** A server with the suites' fixtures. */
export function fixtures() {
  const server = new McpServer(
    { name: 'conformance-upstream', version: '1.0.0' },
    {
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true }, logging: {}, completions: {} },
      requestState: { verify: states.verify },
    },
  );
  const tool = (title, handler, schema = object()) =>
    server.registerTool(title, { description: `Fixture ${title}`, inputSchema: fromJsonSchema(schema) }, handler);

  for (const [title, content] of Object.entries(plain)) tool(title, () => ({ content }));
  for (const [title, [questions, answers, schema]] of Object.entries(asking)) {
    tool(title, (args, ctx) => asked(typeof questions === 'function' ? questions(args) : questions, (given) => said(answers(given)), ctx), schema);
  }
  tool('test_error_handling', () => ({ ...said('This tool intentionally returns an error for testing'), isError: true }));
  tool('json_schema_2020_12_tool', () => said('valid'), schema2020);
  tool('test_mirrored_parameter', () => said('the header agrees'), object({ region: { type: 'string', 'x-mcp-header': 'Region' } }));
  tool('test_input_required_result_multi_round', (args, ctx) => {
    const given = ctx.mcpReq.inputResponses ?? {};
    const second = given.step2 !== undefined || given.step1 !== undefined;
    return asked(second ? { step2: color } : { step1: name }, () => said('Both steps done'), ctx);
  });
  tool('test_input_required_result_capabilities', (args, ctx) => {
    const can = ctx.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? server.server.getClientCapabilities() ?? {};
    return asked(can.sampling ? { sampled: sampling('Say anything') } : { confirm: ok }, () => said('asked what the client can be asked'), ctx);
  });
  const logs = async (args, ctx) => {
    for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await ctx.mcpReq.log('info', line);
      await pause(50);
    }
    return said('Three messages logged');
  };
  tool('test_tool_with_logging', logs);
  tool('test_logging_tool', logs);
  tool('test_tool_with_progress', async (args, ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken;
    if (progressToken === undefined) return said('The client asked for no progress');
    for (const progress of [0, 50, 100]) {
      await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      await pause(50);
    }
    return said('Progress reported');
  });
  tool('test_reconnection', async (args, ctx) => {
    ctx.http?.closeSSE?.();
    await pause(100);
    return said('Reconnected');
  });
  tool('test_trigger_tool_change', () => (changed.tools(server), said('changed')));
  tool('test_trigger_prompt_change', () => (changed.prompts(server), said('changed')));

  const document = (uri, content) => server.registerResource(uri, uri, { description: `Fixture ${uri}` }, () => ({ contents: [{ uri, ...content }] }));
  document('test://static-text', { mimeType: 'text/plain', text: 'This is the content of the static text resource.' });
  document('test://static-binary', { mimeType: 'image/png', blob: PNG });
  document('test://watched-resource', { mimeType: 'text/plain', text: 'watched' });
  server.registerResource('template', new ResourceTemplate('test://template/{id}/data', { list: undefined }), { mimeType: 'application/json' }, (uri, { id }) => ({
    contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }],
  }));

  const prompt = (title, names, messages) => {
    const argsSchema = names.length ? { argsSchema: fromJsonSchema(object(Object.fromEntries(names.map((each) => [each, { type: 'string' }])), names)) } : {};
    server.registerPrompt(title, { description: `Fixture ${title}`, ...argsSchema }, messages);
  };
  const user = (...contents) => ({ messages: contents.map((content) => ({ role: 'user', content })) });
  prompt('test_simple_prompt', [], () => user(text('This is a simple prompt for testing.')));
  prompt('test_prompt_with_arguments', ['arg1', 'arg2'], ({ arg1, arg2 }) => user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)));
  prompt('test_prompt_with_embedded_resource', ['resourceUri'], ({ resourceUri }) =>
    user(resource(resourceUri, 'text/plain', 'Embedded resource content for testing.'), text('Please process the embedded resource above.')),
  );
  prompt('test_prompt_with_image', [], () => user(picture, text('Please analyze the image above.')));
  const context = form('What context should the prompt use?', { context: { type: 'string' } }, ['context']);
  prompt('test_input_required_result_prompt', [], (ctx) => asked({ user_context: context }, () => user(text('With context')), ctx));

  server.server.setRequestHandler('completion/complete', () => ({ completion: { values: ['test', 'testing'], total: 2, hasMore: false } }));
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  return server;
}

/** How a change of a list is announced; a handler of the modern era over HTTP has a bus for it. */
export const changed = {
  tools: (server) => server.sendToolListChanged(),
  prompts: (server) => server.sendPromptListChanged(),
};
