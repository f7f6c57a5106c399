// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.spring.MtlsClientProperties.Connection;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.trust.Purpose;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.mcp.client.common.autoconfigure.McpClientAutoConfiguration;
import org.springframework.ai.mcp.client.common.autoconfigure.NamedClientMcpTransport;
import org.springframework.ai.mcp.client.common.autoconfigure.properties.McpStreamableHttpClientProperties;
import org.springframework.ai.mcp.client.httpclient.autoconfigure.StreamableHttpHttpClientTransportAutoConfiguration;
import org.springframework.ai.mcp.customizer.McpClientCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/** Spring AI's MCP clients over mutual TLS: its own connections through its HTTP client, and connections of ours. */
@AutoConfiguration(
        after = MtlsAutoConfiguration.class,
        before = {McpClientAutoConfiguration.class, StreamableHttpHttpClientTransportAutoConfiguration.class})
@ConditionalOnClass({McpClientAutoConfiguration.class, StreamableHttpHttpClientTransportAutoConfiguration.class})
@Conditional(MtlsInUse.ByClients.class)
@EnableConfigurationProperties({MtlsClientProperties.class, McpStreamableHttpClientProperties.class})
class MtlsClientAutoConfiguration {

    private static final String SSE = "spring.ai.mcp.client.sse.connections";

    private final MtlsClientProperties settings;
    private final Profiles profiles;
    private final ObjectProvider<Observer> observers;
    private final Map<String, TlsProfile> made = new ConcurrentHashMap<>();

    MtlsClientAutoConfiguration(MtlsClientProperties settings, Profiles profiles, ObjectProvider<Observer> observers) {
        this.observers = observers;
        this.settings = settings;
        this.profiles = profiles;
    }

    /** Gives Spring AI's connections our certificate, and has them verify their servers as we do. */
    @Bean
    McpClientCustomizer<HttpClientStreamableHttpTransport.Builder> mtlsHttpClientCustomizer(
            McpStreamableHttpClientProperties connections) {
        return (name, building) -> profile(name).ifPresent(profile -> {
            requireHttps(
                    name,
                    Objects.requireNonNull(connections.getConnections().get(name))
                            .url());
            building.customizeClient(profile::secure);
        });
    }

    private static void requireHttps(String name, @Nullable String url) {
        if (url == null || !url.toLowerCase(Locale.ROOT).startsWith("https:")) {
            throw new MtlsSetupException(
                    "the connection '" + name + "' is to use mutual TLS, and its URL " + url + " is not https",
                    "Correct the URL, or set " + MtlsClientProperties.PREFIX + ".connections." + name
                            + ".enabled=false for a connection without TLS.");
        }
    }

    /** The connections that have a URL among our settings. */
    @Bean
    List<NamedClientMcpTransport> mtlsClientTransports(
            McpStreamableHttpClientProperties connections, Environment environment) {
        requireNoServerSentEvents(environment);
        settings.getConnections().forEach((name, connection) -> requireKnown(name, connection, connections));
        return settings.getConnections().entrySet().stream()
                .filter(entry ->
                        entry.getValue().getUrl() != null && entry.getValue().isEnabled())
                .map(entry -> new NamedClientMcpTransport(entry.getKey(), transport(entry.getKey(), entry.getValue())))
                .toList();
    }

    /** The transport of 2024-11-05 has no door for a certificate, so it would go without one. */
    private void requireNoServerSentEvents(Environment environment) {
        boolean isUsed = Binder.get(environment)
                .bind(SSE, Bindable.mapOf(String.class, Object.class))
                .map(named -> !named.isEmpty())
                .orElse(false);
        if (isUsed && settings.namesCredential()) {
            throw new MtlsSetupException(
                    "the connections of " + SSE + " would go without the certificate of " + MtlsClientProperties.PREFIX,
                    "Make them connections of spring.ai.mcp.client.streamable-http, or name a credential for single"
                            + " connections only: "
                            + MtlsClientProperties.PREFIX + ".connections.NAME.credential.");
        }
    }

    private static void requireKnown(String name, Connection connection, McpStreamableHttpClientProperties others) {
        boolean theirs = others.getConnections().containsKey(name);
        if (theirs == (connection.getUrl() != null)) {
            String key = MtlsClientProperties.PREFIX + ".connections." + name;
            throw theirs
                    ? new MtlsSetupException(
                            "the connection '" + name + "' has a URL in " + key + ".url and in Spring AI's settings",
                            "Remove one of the two.")
                    : new MtlsSetupException(
                            key + " has no URL, and Spring AI has no connection of that name",
                            "Set " + key + ".url, or correct the name.");
        }
    }

    private MtlsClientTransport transport(String name, Connection connection) {
        URI url = Objects.requireNonNull(connection.getUrl());
        requireHttps(name, url.toString());
        MtlsClientTransport.Builder building =
                MtlsClientTransport.builder(url).tls(profile(name).orElseThrow());
        String expected = connection.getExpect();
        if (expected != null) {
            building.expecting(identity(name, expected));
        }
        observers.ifUnique(building::observer);
        return building.build();
    }

    private static Identity identity(String connection, String text) {
        try {
            return text.startsWith("spiffe:") ? SpiffeId.parse(text) : DnsName.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(
                    MtlsClientProperties.PREFIX + ".connections." + connection + ".expect", text, e.getMessage());
        }
    }

    /** The profile of a connection: of its own credential, or of the one for all; none when the settings leave it alone. */
    private Optional<TlsProfile> profile(String name) {
        Connection own = settings.getConnections().get(name);
        if (own != null && !own.isEnabled()) {
            return Optional.empty();
        }
        String prefix = MtlsClientProperties.PREFIX;
        if (own != null && own.namesCredential()) {
            String ownPrefix = prefix + ".connections." + name;
            return Optional.of(made.computeIfAbsent(ownPrefix, key -> profiles.profile(key, own, Purpose.CLIENT)));
        }
        if (own == null && !settings.namesCredential()) {
            return Optional.empty(); // only named connections use mutual TLS
        }
        return Optional.of(made.computeIfAbsent(prefix, key -> profiles.profile(key, settings, Purpose.CLIENT)));
    }
}
