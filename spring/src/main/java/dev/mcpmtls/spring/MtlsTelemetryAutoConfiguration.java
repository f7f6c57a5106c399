// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.telemetry.McpTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** The spans and durations of MCP, for the program's own OpenTelemetry. A bean of type {@link Observer} takes its place. */
@AutoConfiguration(
        afterName = "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration",
        before = {MtlsServerAutoConfiguration.class, MtlsClientAutoConfiguration.class})
@ConditionalOnBean(OpenTelemetry.class)
@Conditional(MtlsInUse.ByAnyone.class)
@EnableConfigurationProperties(MtlsTelemetryProperties.class)
class MtlsTelemetryAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Observer mtlsObserver(OpenTelemetry api, MtlsTelemetryProperties settings) {
        return McpTelemetry.builder(api)
                .identities(settings.isIdentity())
                .parents(settings.getParents())
                .build();
    }
}
