// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.client.Asker;
import dev.mcpmtls.bridge.client.Called;
import dev.mcpmtls.bridge.client.Introduction;
import dev.mcpmtls.bridge.client.ServerClient;
import dev.mcpmtls.bridge.client.ServerErrorException;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Version;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolPins;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One server, as the commands see it that ask and go. */
final class McpConnection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(McpConnection.class);

    /** The server's words for a call that no rule is about. */
    private static final String UNDECIDED = "no rule permits it";

    private final URI server;
    private final OwnSide own;
    private final ServerClient client;

    private McpConnection(URI server, OwnSide own, ServerClient client) {
        this.server = server;
        this.own = own;
        this.client = client;
    }

    static McpConnection open(URI server, OwnSide own, Optional<ToolPins> pins, Duration timeout) {
        return open(server, own, pins, timeout, Observer.NONE);
    }

    static McpConnection open(URI server, OwnSide own, Optional<ToolPins> pins, Duration timeout, Observer observer) {
        Asker asker = new Asker(
                "mcp-mtls",
                Version.text(),
                timeout,
                observer,
                notice -> LOG.warn("{}", notice),
                own.tokens().apply(server));
        return new McpConnection(server, own, ServerClient.open(server, own.profile(), own.watch(), asker, pins));
    }

    /** The server's words about itself. */
    Introduction introduction() {
        return client.introduction();
    }

    /** The server as it was accepted, and the latest connection to it. */
    AuditEvent.TlsAccepted connected() {
        return client.connected();
    }

    /** All tools; none when the server declares that it has none for us. */
    List<ListedTool> tools() {
        return client.list(Method.TOOLS_LIST, "tools").stream()
                .map(members -> new ListedTool(
                        new LinkedHashMap<String, @Nullable Object>(members), text(members, "name", "tool")))
                .toList();
    }

    List<String> prompts() {
        return texts(Method.PROMPTS_LIST, "prompts", "name");
    }

    /** The URIs of all resources, then the templates of others. */
    List<String> resources() {
        return Stream.concat(
                        texts(Method.RESOURCES_LIST, "resources", "uri").stream(),
                        texts(Method.RESOURCE_TEMPLATES_LIST, "resourceTemplates", "uriTemplate").stream())
                .toList();
    }

    private List<String> texts(Method method, String list, String member) {
        return client.list(method, list).stream()
                .map(members -> text(members, member, list))
                .toList();
    }

    private String text(Map<String, Object> members, String member, String where) {
        if (members.get(member) instanceof String text) {
            return text;
        }
        throw Outage.unusable(server, "there is no " + member + " in an element of its list (" + where + ")");
    }

    /** Asks for a list with a question in {@code _meta}, and gives the {@code _meta} of the answer; the list is one that the server has. */
    Map<String, Object> askInList(Map<String, Object> question) {
        try {
            Method list = Stream.of(Method.TOOLS_LIST, Method.PROMPTS_LIST, Method.RESOURCES_LIST)
                    .filter(introduction()::has)
                    .findFirst()
                    .orElse(Method.TOOLS_LIST); // a server declares nothing where its rules permit us nothing
            return JsonRpcMessage.object(
                    client.ask(list, Map.of("_meta", question)).get("_meta"));
        } catch (ServerErrorException e) {
            return Map.of(); // it has no such list, or does not show it to us
        }
    }

    /** Everything that differs from the pins and is withheld. */
    List<PinChange> withheld() {
        return client.withheld();
    }

    /** The pinned tools that the list, once {@link #tools} has read it, lacks. */
    List<PinChange> removed() {
        return client.removed();
    }

    Called call(String tool, Map<String, Object> arguments) {
        try {
            return client.call(tool, arguments);
        } catch (ServerErrorException e) {
            throw Failure.of(e).code() == ExitCode.DENIED ? denied(tool, e) : e;
        }
    }

    /** The denial in plain words, and the command with which the server's operator finds it. */
    private Failure denied(String tool, ServerErrorException e) {
        String why = String.valueOf(e.getMessage());
        String told = why.equals(UNDECIDED)
                ? "no rule permits " + NamePattern.exactly(own.presented().identity()) + " to call " + tool + " at "
                        + server
                : why;
        return new Failure(
                ExitCode.DENIED,
                List.of(
                        "denied: " + told,
                        "the server's operator finds the record with 'mcp-mtls audit --connection "
                                + connected().connection().id() + "'"));
    }

    /** How far a task is. */
    TaskState task(String id) {
        return client.tasks().get(id);
    }

    /** Has the server give a task up. */
    void cancel(String id) {
        client.tasks().cancel(id);
    }

    /**
     * Waits for a task to end.
     *
     * @param limit how long; without one, as long as the server works on it
     * @return the members of its result
     */
    Map<String, Object> await(String id, Consumer<TaskState> told, Optional<Duration> limit) {
        return client.tasks()
                .await(id, told, limit)
                .orElseThrow(() -> new Failure(
                        ExitCode.TIMED_OUT,
                        List.of(
                                "the task goes on: it has not ended within " + Times.text(limit.orElse(Duration.ZERO)),
                                "wait for it with 'mcp-mtls tasks show --wait', or without --timeout")));
    }

    @Override
    public void close() {
        client.close();
    }
}
