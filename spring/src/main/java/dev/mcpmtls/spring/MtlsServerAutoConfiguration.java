// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.metrics.Health;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.policy.RulesReload;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.call.CallListener;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Purpose;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.springframework.ai.mcp.server.common.autoconfigure.McpServerAutoConfiguration;
import org.springframework.ai.mcp.server.common.autoconfigure.properties.McpServerProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** Spring AI's MCP server over mutual TLS, and in no other way. */
@AutoConfiguration(after = MtlsAutoConfiguration.class, before = McpServerAutoConfiguration.class)
@ConditionalOnClass(McpServerAutoConfiguration.class)
@Conditional(MtlsInUse.ByServer.class)
@EnableConfigurationProperties({MtlsServerProperties.class, McpServerProperties.class})
class MtlsServerAutoConfiguration {

    /** Bean of type {@code McpStreamableServerTransportProvider}, from which Spring AI builds its server. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    MtlsServerTransport mtlsServerTransport(
            MtlsServerProperties settings,
            McpServerProperties server,
            Profiles profiles,
            AccessPolicy policy,
            AuditSink audit,
            Health health,
            ObjectProvider<CallListener> calls,
            ObjectProvider<Observer> observers,
            ObjectProvider<MtlsServerCustomizer> customizers) {
        ListenAddress listen = listen(settings);
        if (server.getProtocol() == McpServerProperties.ServerProtocol.STATELESS) {
            throw new MtlsSetupException(
                    "spring.ai.mcp.server.protocol is STATELESS, which builds a server without this transport",
                    "Remove the setting: over mutual TLS one server speaks the protocol with and without sessions.");
        }
        if (!settings.getRelax().isEmpty() && !isLoopback(listen)) {
            throw new MtlsSetupException(
                    "relaxed validation would accept unverified peers from the network at " + settings.getListen(),
                    "Listen on 127.0.0.1, or remove " + MtlsServerProperties.PREFIX + ".relax.");
        }
        TlsProfile profile = profiles.profile(MtlsServerProperties.PREFIX, settings, Purpose.SERVER);
        health.trust(server.getName(), profile.verifier());
        MtlsServerTransport.Builder building = MtlsServerTransport.builder()
                .listen(listen.host(), listen.port())
                .path(settings.getPath())
                .tls(profile)
                .accessPolicy(policy)
                .audit(audit)
                .grace(settings.getGrace());
        String name = settings.getName();
        if (name != null) {
            building.name(name);
        }
        if (!settings.getAllowedHosts().isEmpty()) {
            building.allowedHosts(settings.getAllowedHosts());
        }
        if (!settings.getAllowedOrigins().isEmpty()) {
            building.allowedOrigins(settings.getAllowedOrigins());
        }
        calls.ifUnique(building::calls);
        observers.ifUnique(building::observer);
        customizers.orderedStream().forEach(customizer -> customizer.customize(building));
        return building.build();
    }

    private static ListenAddress listen(MtlsServerProperties settings) {
        try {
            return ListenAddress.parse(settings.getListen());
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(
                    MtlsServerProperties.PREFIX + ".listen", settings.getListen(), String.valueOf(e.getMessage()));
        }
    }

    private static boolean isLoopback(ListenAddress listen) {
        try {
            return listen.isLoopback();
        } catch (UnknownHostException e) {
            return false; // the transport reports it
        }
    }

    @Bean
    MtlsServerLifecycle mtlsServerLifecycle(
            MtlsServerTransport transport, MtlsServerProperties settings, AccessPolicy policy) {
        return new MtlsServerLifecycle(transport, settings, policy);
    }

    /** The rules of {@code mcp.mtls.server.policy}; without them every accepted peer may make every call. */
    @Bean
    @ConditionalOnMissingBean
    AccessPolicy mtlsAccessPolicy(
            MtlsServerProperties settings,
            McpServerProperties server,
            FileWatch watch,
            AuditSink audit,
            Health health) {
        Path file = settings.getPolicy();
        if (file == null) {
            return AccessPolicy.everyAcceptedPeer();
        }
        FileAccessPolicy policy = FileAccessPolicy.load(file);
        String name = settings.getName();
        Set<String> names = name == null ? Set.of(server.getName()) : Set.of(server.getName(), name);
        health.access(
                () -> "rules of " + file,
                () -> policy.broken().map(why -> "the last good rules are in force: " + why.getMessage()));
        watch.file(file, new RulesReload(policy, names, audit, InstantSource.system()));
        return policy;
    }
}
