// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.bridge.client.Introduction;
import dev.mcpmtls.bridge.client.ServerErrorException;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.Peer;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Asks a server who it takes this client for. MCP has no method for that: our servers answer the question in {@code _meta} of a list request,
 * other servers ignore it.
 */
@Command(
        name = "whoami",
        description = "Shows the identity that a server sees in this client, and the tools that it may use.")
public final class WhoamiCommand implements Runnable {

    private static final Map<String, Object> QUESTION = Map.of("dev.mcpmtls/whoami", true);
    private static final String ANSWER = "dev.mcpmtls/caller";

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Mixin
    private final ServerParameter server = new ServerParameter();

    public WhoamiCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    /**
     * The answer.
     *
     * @param caller as the server says; empty when it does not say
     * @param presented the names in our certificate
     */
    private record Standing(
            URI url,
            Introduction server,
            Peer peer,
            Map<?, ?> caller,
            List<Identity> presented,
            Map<String, List<String>> offered) {}

    @Override
    public void run() {
        Settings settings = options.settings();
        URI url = server.url(settings);
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-whoami")) {
            OwnSide own = OwnSide.of(settings, audit);
            try (McpConnection connection =
                    McpConnection.open(url, own, Optional.empty(), ClientOptions.timeout(settings))) {
                Standing standing = ask(url, connection, own.presented());
                if (invocation.wantsJson()) {
                    invocation.console().json(asObject(standing));
                } else {
                    print(standing);
                }
            }
        }
    }

    private static Standing ask(URI url, McpConnection connection, Caller presented) {
        Map<?, ?> said = connection.askInList(QUESTION).get(ANSWER) instanceof Map<?, ?> caller ? caller : Map.of();
        return new Standing(
                url,
                connection.introduction(),
                connection.connected().peer(),
                said,
                presented.names().isEmpty() ? List.of(presented.identity()) : presented.names(),
                offered(connection));
    }

    private static Map<String, List<String>> offered(McpConnection connection) {
        Map<String, List<String>> offered = new LinkedHashMap<>();
        offered.put("tools", tools(connection));
        offered.put("prompts", connection.prompts());
        offered.put("resources", connection.resources());
        return offered;
    }

    private static List<String> tools(McpConnection connection) {
        try {
            return connection.tools().stream().map(ListedTool::name).toList();
        } catch (ServerErrorException e) {
            return List.of(); // it has no tools, or rules that do not let us list them
        }
    }

    private void print(Standing standing) {
        Console console = invocation.console();
        Introduction server = standing.server();
        console.print(
                console.styled(Style.FAINT, server.name() + " is " + standing.peer() + ", MCP " + server.revision()));
        if (standing.caller().isEmpty()) {
            console.print("The server does not tell the identity that it sees; your certificate has "
                    + standing.presented().stream().map(NamePattern::exactly).collect(Collectors.joining(", ")));
        } else {
            console.print(
                    "You are ",
                    console.styled(Style.STRONG, writable(standing.caller().get("identity"), standing.presented())),
                    " (" + standing.caller().get("assurance") + ")");
            if (standing.caller().get("names") instanceof List<?> names && names.size() > 1) {
                console.print("    names: "
                        + String.join(
                                ", ",
                                names.stream()
                                        .map(name -> writable(name, standing.presented()))
                                        .toList()));
            }
            if (standing.caller().get("token") instanceof Map<?, ?> token) {
                console.print("    access token: " + described(token));
            }
        }
        standing.offered().forEach((kind, names) -> {
            if (!names.isEmpty()) {
                console.print(kind + ": " + String.join(", ", names));
            }
        });
        if (standing.offered().values().stream().allMatch(List::isEmpty)) {
            console.print("Nothing is listed for you: the server has nothing, or its access rules permit you nothing.");
        }
    }

    /** The claims of our access token, as the server has read them. */
    private static String described(Map<?, ?> token) {
        String scopes = token.get("scopes") instanceof List<?> list && !list.isEmpty()
                ? "scopes " + list.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : "no scopes";
        return token.get("subject") + " by " + token.get("issuer") + ", " + scopes + ", until " + token.get("expiresAt")
                + (Boolean.TRUE.equals(token.get("bound")) ? ", for your certificate alone" : "");
    }

    /** A name as {@code peers} of a rule take it, if it is one of ours. */
    private static String writable(@Nullable Object name, List<Identity> presented) {
        return presented.stream()
                .filter(own -> own.text().equals(name))
                .findFirst()
                .map(NamePattern::exactly)
                .orElseGet(() -> String.valueOf(name));
    }

    private static Map<String, Object> asObject(Standing standing) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("url", standing.url().toString());
        object.put("server", standing.server().name());
        object.put("serverIdentity", standing.peer().identity().text());
        object.put("protocolVersion", standing.server().revision());
        object.put("caller", standing.caller().isEmpty() ? null : standing.caller());
        object.put(
                "presented", standing.presented().stream().map(Identity::text).toList());
        object.putAll(standing.offered());
        return object;
    }
}
