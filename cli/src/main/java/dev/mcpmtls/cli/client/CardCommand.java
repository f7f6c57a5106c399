// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.bridge.client.Introduction;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerUrl;
import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Writes the server card of a running server: what a client has to know before it connects. It has no secrets, and nothing that the server does
 * not tell every client that it accepts.
 *
 * @see <a href="https://github.com/modelcontextprotocol/experimental-ext-server-card">MCP Server Cards (SEP-2127)</a>
 */
@Command(
        name = "card",
        description = "Writes the server card of a running server, for a web server to publish: its name, its URL, its"
                + " protocol versions, and that it asks for a client certificate.")
public final class CardCommand implements Runnable {

    private static final String SCHEMA = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+");
    private static final int MAX_NAME = 200;
    private static final int MAX_TEXT = 100;
    private static final int MAX_VERSION = 255;

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Mixin
    private final ServerParameter server = new ServerParameter();

    @Option(
            names = "--name",
            paramLabel = "NAMESPACE/NAME",
            description = "its name in reverse-DNS form, such as com.example/weather; default from its certificate")
    private @Nullable String name;

    @Option(
            names = "--description",
            paramLabel = "TEXT",
            description = "its purpose, in at most 100 characters; default what it says of itself")
    private @Nullable String description;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "where clients reach it; default where this command does")
    private @Nullable String url;

    public CardCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    @Override
    public void run() {
        Settings settings = options.settings();
        URI here = server.url(settings);
        URI there = url == null ? here : published(url);
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-card");
                McpConnection connection = McpConnection.open(
                        here, OwnSide.of(settings, audit), Optional.empty(), ClientOptions.timeout(settings))) {
            Map<String, Object> card = card(
                    connection.introduction(), connection.connected().peer().identity(), there);
            invocation.console().json(card);
            if (url == null && "localhost".equals(here.getHost())) {
                invocation
                        .console()
                        .complain("clients elsewhere do not reach " + here + "; name the address that they use: --url");
            }
        }
    }

    private static URI published(String text) {
        try {
            return ServerUrl.parse(Keys.server(text));
        } catch (IllegalArgumentException e) {
            throw new BadSettingException("--url: " + e.getMessage());
        }
    }

    private Map<String, Object> card(Introduction said, Identity identity, URI there) {
        Map<String, Object> card = new LinkedHashMap<>();
        card.put("$schema", SCHEMA);
        card.put("name", name(said, identity));
        card.put("version", shortened(text(said, "version").orElse("0"), MAX_VERSION));
        card.put("description", description(said));
        text(said, "title").ifPresent(title -> card.put("title", shortened(title, MAX_TEXT)));
        Map<String, Object> remote = new LinkedHashMap<>();
        remote.put("type", "streamable-http");
        remote.put("url", there.toString());
        remote.put("supportedProtocolVersions", versions(said));
        card.put("remotes", List.of(remote));
        Map<String, Object> access = new LinkedHashMap<>();
        access.put("clientCertificate", "required");
        access.put("serverIdentity", identity.text());
        card.put("_meta", Map.of("dev.mcpmtls/mutual-tls", access));
        return card;
    }

    /** Our own servers speak every revision that this program does. */
    private static List<String> versions(Introduction said) {
        return said.isModern() ? Revision.supported() : List.of(said.revision());
    }

    private String name(Introduction said, Identity identity) {
        String given = name == null ? namespace(identity) + "/" + plain(said.name()) : name;
        if (!NAME.matcher(given).matches() || given.length() > MAX_NAME) {
            throw new BadSettingException("--name: not of the form com.example/weather: " + Printable.quote(given));
        }
        return given;
    }

    /** The domain that the certificate names, read from its end. */
    private static String namespace(Identity identity) {
        String domain = identity instanceof SpiffeId spiffe
                ? spiffe.trustDomain()
                : identity instanceof DnsName dns ? dns.text() : "localhost";
        List<String> labels = Arrays.asList(domain.replace('_', '-').split("\\."));
        Collections.reverse(labels);
        return String.join(".", labels);
    }

    private static String plain(@Nullable String text) {
        String plain = String.valueOf(text).replaceAll("[^a-zA-Z0-9._-]", "-");
        return plain.isEmpty() ? "server" : shortened(plain, MAX_TEXT);
    }

    private String description(Introduction said) {
        if (description != null && (description.isBlank() || description.length() > MAX_TEXT)) {
            throw new BadSettingException("--description: between 1 and " + MAX_TEXT + " characters are expected");
        }
        return description != null
                ? description
                : shortened(
                        text(said, "description").orElse("The MCP server " + plain(said.name()) + ", over mutual TLS"),
                        MAX_TEXT);
    }

    private static Optional<String> text(Introduction said, String member) {
        return said.text(member).map(Printable::line).filter(text -> !text.isBlank());
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
