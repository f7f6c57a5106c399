// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.metrics.AuditWatch;
import dev.mcpmtls.metrics.Metrics;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.call.CallListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** Micrometer's meters {@code mcp.mtls.*}: handshakes and calls by outcome, call times, sessions, certificates' ends. */
@AutoConfiguration(after = CompositeMeterRegistryAutoConfiguration.class, before = MtlsServerAutoConfiguration.class)
@ConditionalOnClass({MeterRegistry.class, CompositeMeterRegistryAutoConfiguration.class})
@ConditionalOnBean(MeterRegistry.class)
@Conditional(MtlsInUse.ByAnyone.class)
class MtlsMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Metrics mtlsMetrics(MeterRegistry registry, ObjectProvider<AuditWatch> watch) {
        Metrics metrics = new Metrics(registry);
        watch.ifAvailable(metrics::audit);
        return metrics;
    }

    @Bean
    @ConditionalOnMissingBean
    CallListener mtlsCallTimes(Metrics metrics) {
        return metrics::callTook;
    }

    @Bean
    MeterBinder mtlsServerMeters(ObjectProvider<MtlsServerTransport> servers, Metrics metrics) {
        return registry -> servers.ifAvailable(server -> metrics.gauge(
                        "connections.open",
                        "Connections of accepted peers",
                        server,
                        MtlsServerTransport::openConnections)
                .gauge("sessions.open", "Legacy MCP sessions", server, MtlsServerTransport::openSessions));
    }
}
